"""Where the face is in scikit-image's photograph of astronaut Eileen Collins (NASA, public domain)."""

from __future__ import annotations

import numpy as np

LANDMARKS = np.array([(203.5, 100.1), (245.4, 102.2), (224.2, 126.4), (201.8, 138.6), (244.4, 140.4)])
"""Eyes, nose tip, corners of the mouth, (x, y) each."""
