"""The name of a tensor in signatures."""

from __future__ import annotations

from typing import Any, TypeAlias

Tensor: TypeAlias = Any
"""A tensor of whatever backend Keras runs on, for which Keras has no type of its own."""
