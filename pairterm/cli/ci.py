"""Whether this is a CI job."""

from __future__ import annotations

import os

__all__ = ["is_ci"]


def is_ci() -> bool:
    """Return whether this is a CI job: GitHub, GitLab, Travis, CircleCI and others set `CI`."""
    return os.environ.get("CI", "").lower() not in ("", "0", "false")
