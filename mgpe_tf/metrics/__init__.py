"""Measures of pictures and of parses."""
