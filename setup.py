"""Packages that lie outside of mgpe_tf/: experiments and trained networks. All else is in pyproject.toml."""

from __future__ import annotations

from setuptools import find_packages, setup

setup(
    license="Apache-2.0",
    packages=[*find_packages(include=["mgpe_tf", "mgpe_tf.*"]), "mgpe_tf.configs", "mgpe_tf.saved_models"],
)
