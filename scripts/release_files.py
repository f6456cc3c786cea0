"""The files of a release: the changelog's new heading, the pins of the CI recipes, the hashes and the provenance.

The functions return texts, and change nothing. The provenance is an in-toto statement (v1) with a
predicate of SLSA provenance (v1): which files, from which commit, by which versions of the tools.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

__all__ = [
    "changelog_for",
    "hashes",
    "next_version_problem",
    "pinned_gitlab",
    "pinned_requirements",
    "provenance",
    "sums",
]

_VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)")

_UNRELEASED = "## [Unreleased]\n"

_HEAD = """\
# What the GitHub action installs: one release of pairterm and its libraries, each file with its hash.
# `make release` writes this file.
"""


def next_version_problem(version: str, tags: Sequence[str]) -> str:
    """Return why `version` can't be the next release after those with these tags; "" if it can."""
    wanted = _numbers(version)
    if wanted is None:
        return f"{version!r} is no version: use X.Y.Z"
    released = [found for tag in tags if (found := _numbers(tag.removeprefix("v"))) is not None]
    if released and wanted <= max(released):
        return f"{version} is not newer than {'.'.join(map(str, max(released)))}"
    return ""


def _numbers(version: str) -> tuple[int, ...] | None:
    found = _VERSION.fullmatch(version)
    return tuple(map(int, found.groups())) if found else None


def changelog_for(text: str, version: str, date: str) -> str:
    """Return the changelog with what is unreleased under the heading of the new version.

    Raises:
        ValueError: Nothing is unreleased.
    """
    before, heading, rest = text.partition(_UNRELEASED)
    changes = re.split(r"^## ", rest, maxsplit=1, flags=re.MULTILINE)[0].strip()
    if not heading or not changes:
        raise ValueError("the changelog has nothing under [Unreleased]")
    return f"{before}{_UNRELEASED}\n## [{version}] - {date}\n{rest}"


def hashes(files: Sequence[Path]) -> dict[str, str]:
    """Return the SHA-256 of each file by its name."""
    return {each.name: hashlib.sha256(each.read_bytes()).hexdigest() for each in sorted(files)}


def sums(found: Mapping[str, str]) -> str:
    """Return the hashes in the form for `sha256sum --check`."""
    return "".join(f"{digest}  {name}\n" for name, digest in found.items())


def pinned_requirements(version: str, found: Mapping[str, str], libraries: str) -> str:
    """Return the requirements of the GitHub action. `libraries`: the pins of the libraries, with their hashes."""
    ours = " \\\n".join(f"    --hash=sha256:{digest}" for digest in found.values())
    return f"{_HEAD}pairterm=={version} \\\n{ours}\n{libraries}"


def pinned_gitlab(text: str, version: str, wheel_hash: str) -> str:
    """Return GitLab's template with the version and the hash of its wheel.

    Raises:
        ValueError: It lacks one of the two lines.
    """
    for name, value in (("PAIRTERM_VERSION", version), ("PAIRTERM_SHA256", wheel_hash)):
        text, count = re.subn(rf'^(    {name}: )"[^"]*"$', rf'\g<1>"{value}"', text, flags=re.MULTILINE)
        if count != 1:
            raise ValueError(f"ci/gitlab.yml has {count} lines for {name}")
    return re.sub(r"^(#       ref: )\S+$", rf"\g<1>v{version}", text, flags=re.MULTILINE)


def provenance(version: str, commit: str, date: str, found: Mapping[str, str], tools: Mapping[str, str]) -> str:
    """Return the statement about the files of a release.

    `date`: the time of the commit. `tools`: the programs and libraries that built the files, with their versions.
    """
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": name, "digest": {"sha256": digest}} for name, digest in found.items()],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": {
                "buildType": "make release",
                "externalParameters": {"version": version, "tag": f"v{version}"},
                "internalParameters": {"tools": dict(tools)},
                "resolvedDependencies": [
                    {"uri": "git+pairterm", "digest": {"gitCommit": commit}, "annotations": {"committed": date}}
                ],
            },
            "runDetails": {"builder": {"id": "scripts/release.py"}, "byproducts": []},
        },
    }
    return json.dumps(statement, indent=2) + "\n"
