"""What must be in the environment before TensorFlow is imported, and for the processes that tests start."""

from __future__ import annotations

import os
from pathlib import Path

TESTS = Path(__file__).resolve().parent
PATHS = [str(TESTS.parent), str(TESTS), os.environ.get("PYTHONPATH")]
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, PATHS))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")  # several test processes share a GPU
