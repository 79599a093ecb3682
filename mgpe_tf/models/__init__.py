"""Trained networks: what they are stored as, where those of the package lie, and how they are read."""
