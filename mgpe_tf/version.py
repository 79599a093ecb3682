"""The version of the package, in a module of its own: the package itself names classes that need it."""

from __future__ import annotations

__version__ = "0.1.0"
