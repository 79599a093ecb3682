"""What people read of the numbers: tables, files, pictures and pages."""
