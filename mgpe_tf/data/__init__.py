"""Portraits and masks: sources for every layout on disk, synthetic portraits, augmentation and batches."""
