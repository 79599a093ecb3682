"""Edits made of the photograph's own pixels: carried along a flow to where a mask has them."""
