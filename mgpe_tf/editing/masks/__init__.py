"""Face masks: edits by amounts, components of other masks, and what a mask shows."""
