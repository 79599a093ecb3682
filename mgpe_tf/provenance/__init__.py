"""Where a picture comes from: marks inside PNG and JPEG files, edit recipes, their verification, and C2PA."""
