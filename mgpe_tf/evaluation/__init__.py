"""Judging trained networks on data sets: scores whose names carry their protocol, tables, files, pictures."""
