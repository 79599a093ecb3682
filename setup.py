"""Packaging. TensorFlow comes by an extra, since ``tensorflow`` and ``tensorflow-cpu`` write the same package."""

from __future__ import annotations

import re
from pathlib import Path

from setuptools import find_packages, setup

ROOT = Path(__file__).resolve().parent
VERSION = re.search(r'__version__ = "(.+)"', (ROOT / "mgpe_tf/__init__.py").read_text(encoding="utf-8"))[1]
README = ROOT / "README.md"

setup(
    name="mgpe_tf",
    version=VERSION,
    description="Mask-guided portrait editing with conditional GANs (CVPR 2019) for TensorFlow and Keras 3",
    long_description=README.read_text(encoding="utf-8") if README.exists() else "",
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    packages=[*find_packages(include=["mgpe_tf", "mgpe_tf.*"]), "mgpe_tf.configs", "mgpe_tf.saved_models"],
    package_dir={"mgpe_tf.configs": "configs", "mgpe_tf.saved_models": "saved_models"},
    package_data={
        "mgpe_tf": ["py.typed"],
        "mgpe_tf.saved_models": ["**/*"],
        "mgpe_tf.webapp": ["painter.*", "examples/*"],
    },
    entry_points={"console_scripts": ["mgpe=mgpe_tf.__main__:main"]},
    python_requires=">=3.10,<3.14",
    install_requires=[
        "absl-py>=2.0",
        "google-crc32c>=1.5",
        "ml_collections>=1.0",
        "numpy>=1.26",
        "opencv-python-headless>=4.9",
        "pillow>=12.3",
        "tensorboard>=2.15",
        "tqdm>=4.60",
    ],
    extras_require={
        # One of the first three.
        "cpu": [
            "keras>=3.12",
            "tensorflow-cpu>=2.20; sys_platform != 'darwin'",
            "tensorflow>=2.20; sys_platform == 'darwin'",
        ],
        "gpu": ["keras>=3.12", "tensorflow[and-cuda]>=2.20"],
        # For running exported models beside tensorflow-addons, whose last release needs Keras 2.
        "addons": [
            "tensorflow==2.15.*; python_version == '3.11'",
            "tensorflow-addons==0.23.0; python_version == '3.11'",
        ],
        # For mgpe_tf/train_on_jax.py, beside the JAX of the accelerator.
        "jax": ["jax>=0.6", "keras>=3.12"],
        "app": ["gradio>=6.31", "pillow-heif>=1.1.1"],
        # For photographs of phones, .heic.
        "heif": ["pillow-heif>=1.1.1"],
        "detect": ["mtcnn>=1.0"],
        "prepare": ["mtcnn>=1.0", "apache-beam>=2.60"],
        "report": ["matplotlib>=3.8"],
        "video": ["av>=17.1"],
        "tflite": ["ai-edge-litert>=2.1"],
        "convert": ["torch>=2.6"],
        "fuzz": ["atheris>=2.3"],
        "c2pa": ["c2pa-python>=0.38"],
        "docs": ["mkdocs>=1.6,<2", "mkdocs-material>=9.7", "mkdocstrings[python]>=1.0", "ruff>=0.17"],
        "lint": ["mypy>=2.4", "ruff>=0.17"],
        "test": [
            "ai-edge-litert>=2.1",
            "av>=17.1",
            "c2pa-python>=0.38",
            "coverage>=7.10",
            "gradio>=6.31",
            "hypothesis>=6.145",
            "jax>=0.6",
            "matplotlib>=3.8",
            "mtcnn>=1.0",
            "pillow-heif>=1.1.1",
            "pytest>=8.0",
            "pytest-cov>=7.0",
            "pytest-xdist>=3.5",
            "scikit-image>=0.24",
            "scikit-learn>=1.4",
            "scipy>=1.11",
        ],
    },
)
