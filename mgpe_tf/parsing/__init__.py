"""The face parser in use: one class for all its formats, and folders of photographs with their masks."""
