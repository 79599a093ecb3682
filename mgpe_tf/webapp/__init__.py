"""The web page in which masks are painted and photographs edited, and its HTTP API. Needs the extra ``app``."""

from __future__ import annotations

from pathlib import Path

EXAMPLES = Path(__file__).resolve().parent / "examples"
"""The folder of photographs that the page offers unless another one is named: in the public domain."""
