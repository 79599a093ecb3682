"""Numbers: what is measured of networks on data sets, as scores whose names carry their protocol."""
