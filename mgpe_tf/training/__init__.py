"""Training: steps, loop, checkpoints and the run folder."""

from __future__ import annotations
