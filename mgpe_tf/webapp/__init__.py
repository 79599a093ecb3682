"""The web page in which masks are painted and photographs edited, and its HTTP API. Needs the extra ``app``."""

from __future__ import annotations

from pathlib import Path

EXAMPLES = Path(__file__).resolve().parent / "examples"
"""The folder of photographs that the page offers unless another one is named: in the public domain."""

SAMPLE = Path(__file__).resolve().parent / "sample"
"""The folder of before.jpg and after.jpg, an edit that the page shows at first (tools/page_pictures.py)."""
