"""The text of `pairterm --version`: the version, the build, Python, and the versions of the libraries."""

from __future__ import annotations

import importlib.metadata
import platform
import re
import sys
from pathlib import Path

import pairterm
from pairterm.cli.shipped_files import build_info

__all__ = ["build_text", "library_versions", "python_text", "unmet_requirements", "version_text"]

_INDIRECT = ("cryptography",)
"""Libraries that a library of ours uses, and that matter in a report."""

_REQUIREMENT = re.compile(r"([A-Za-z0-9._-]+)\s*([<>=!~,.\d\s]*)")

_CLAUSE = re.compile(r"(>=|<)\s*([\d.]+)")
"""The two comparisons that pyproject.toml uses. Others are not checked."""


def version_text() -> str:
    """Return the facts that a report of a problem needs, one a line. The first line is the name and the version."""
    libraries = ", ".join(f"{name} {version or 'missing'}" for name, version in library_versions().items())
    return "\n".join(
        (
            f"pairterm {pairterm.__version__}",
            f"build: {build_text()}",
            f"Python: {python_text()}",
            f"libraries: {libraries}",
            f"system: {platform.system()} {platform.release()} {platform.machine()}",
        )
    )


def build_text() -> str:
    """Return the commit and the place of this installation."""
    place = Path(pairterm.__file__).parent
    found = build_info()
    if found is not None:
        changes = ", with changes" if found.is_modified else ""
        return f"{found.commit[:12]} ({found.date[:10]}{changes}), in {place}"
    if (place.parent / "pyproject.toml").exists():
        return f"the source tree {place.parent}"
    return f"unknown, in {place}"


def python_text() -> str:
    """Return the version and the path of this Python."""
    return f"{platform.python_version()} ({platform.python_implementation()}, {sys.executable})"


def library_versions() -> dict[str, str]:
    """Return the versions of the libraries that pairterm uses; "" for one that is missing."""
    return {name: _version(name) for name in (*(name for name, _ in _requirements()), *_INDIRECT)}


def unmet_requirements() -> list[str]:
    """Return a text for each library that is missing, or whose version pairterm's requirements do not allow."""
    unmet = []
    for name, clauses in _requirements():
        version = _version(name)
        if not version:
            unmet.append(f"{name} is missing")
        elif not all(_holds(version, sign, limit) for sign, limit in _CLAUSE.findall(clauses)):
            unmet.append(f"{name} {version} is not {clauses}")
    return unmet


def _requirements() -> list[tuple[str, str]]:
    """Return the names and version clauses of the requirements, without those of extras."""
    try:
        lines = importlib.metadata.requires("pairterm") or []
    except importlib.metadata.PackageNotFoundError:
        return []
    found = [_REQUIREMENT.match(line) for line in lines if "extra ==" not in line]
    return sorted((each[1], each[2].strip()) for each in found if each is not None)


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _holds(version: str, sign: str, limit: str) -> bool:
    ours, theirs = _numbers(version), _numbers(limit)
    return ours >= theirs if sign == ">=" else ours < theirs


def _numbers(version: str) -> list[int]:
    """Return the numbers of a release, without zeros at its end: 2.24.0 is 2.24."""
    numbers = [int(each) for each in re.findall(r"\d+", version.partition("+")[0])]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return numbers
