"""The web page in which masks are painted and photographs edited, and its HTTP API. Needs the extra ``app``."""
