"""Mask-guided portrait editing (Gu et al., CVPR 2019, arXiv 1905.10346) for TensorFlow and Keras 3.

Importing the package is light: TensorFlow is imported by the modules that need it. Command-line verbs are run as
``python -m mgpe_tf.<verb>``.
"""

from __future__ import annotations

__version__ = "0.1.0"
