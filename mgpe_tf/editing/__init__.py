"""Editing of portraits: their masks, the networks in use, and the way back into the photograph."""
