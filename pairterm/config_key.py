"""One key of a configuration file: its default, and its line in docs/configuration.md."""

from __future__ import annotations

from dataclasses import field
from typing import Any

__all__ = ["config_key"]


def config_key(default: Any, doc: str) -> Any:
    """Return the field of a dataclass for a key. `doc` is what the generated page says about it."""
    if isinstance(default, list | dict):
        return field(default_factory=default.copy, metadata={"doc": doc})
    return field(default=default, metadata={"doc": doc})
