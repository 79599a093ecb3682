"""Reports for people: tables, files, pictures and pages."""
