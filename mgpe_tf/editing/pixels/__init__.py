"""Pixels of portraits: colours, details, tones, what is bared, and the way back into the photograph."""
