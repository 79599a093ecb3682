"""From photographs to a data set: faces found, aligned, parsed, judged and written."""
