"""The face parser in use: one class for all its forms, and folders of photographs with their masks."""
