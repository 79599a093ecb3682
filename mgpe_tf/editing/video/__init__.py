"""Videos: read, a face followed, every frame edited, written."""
