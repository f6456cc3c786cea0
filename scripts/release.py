"""`make release VERSION=X.Y.Z`: make a release on this machine, ready to be pushed and published.

It works in a git worktree of its own, and changes the branch only when everything is done. So a
release that fails leaves nothing behind. There are two commits. The first has the version and the changelog, and
the packages are built from it. The second pins the hashes of these packages in the CI recipes, and has
the tag. Nothing is pushed or published: the last lines say how to do that.
"""

from __future__ import annotations

import contextlib
import datetime
import importlib.metadata
import os
import platform
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from scripts.release_files import (
    changelog_for,
    hashes,
    next_version_problem,
    pinned_gitlab,
    pinned_requirements,
    provenance,
    sums,
)

__all__ = ["main"]

_ROOT = Path(__file__).resolve().parent.parent

_DIST = _ROOT / "dist"

_COMMAND_S = 600.0

_NEEDED = (
    "pairterm/cli/app.py",
    "pairterm/data/build.json",
    "pairterm/data/completions/pairterm.bash",
    "pairterm/data/man/man1/pairterm.1",
    "pairterm/data/systemd/pairterm.service",
    "pairterm/py.typed",
    "pairterm/web_page/index.html",
)
"""Files that every wheel has. `tests/integration/test_packages.py` checks the whole list."""


_NOT_PASSED_ON = ("PYTHONPATH", "SOURCE_DATE_EPOCH")
"""With the first, a command would load another pairterm. With the second, the packages would depend on who builds."""


class _RefusedError(Exception):
    """The release can't be made; the text says why."""


def _run(*argv: str | Path, at: Path = _ROOT) -> str:
    """Run a command, and return its output. Its Python finds the modules of the directory `at` first.

    Raises:
        _RefusedError: It failed.
    """
    words = [str(each) for each in argv]
    done = subprocess.run(
        words,
        cwd=at,
        env={name: value for name, value in os.environ.items() if name not in _NOT_PASSED_ON},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=_COMMAND_S,
    )
    if done.returncode:
        raise _RefusedError(f"{' '.join(words)} failed:\n{done.stdout}{done.stderr}")
    return done.stdout.strip()


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main(arguments: list[str]) -> int:
    """Make the release; return the exit status."""
    if len(arguments) != 1:
        _say("usage: make release VERSION=X.Y.Z")
        return 2
    (version,) = arguments
    try:
        _check(version)
        with _worktree() as tree:
            built, pinned = _make(version, tree)
            _check_files(version, tree)
            _DIST.mkdir(exist_ok=True)
            for old in _DIST.iterdir():
                old.unlink()
            for each in (tree / "dist").iterdir():
                (_DIST / each.name).write_bytes(each.read_bytes())
            _run("git", "merge", "--ff-only", pinned)
            _run("git", "tag", "--annotate", "--message", f"pairterm {version}", f"v{version}", pinned)
    except (_RefusedError, ValueError) as error:
        _say(f"no release: {error}")
        return 1
    _say(
        f"released {version}: built from {built[:12]}, tagged v{version}; the files are in dist/\n"
        f"to publish it:\n"
        f"    git push --atomic origin HEAD v{version}\n"
        f"    {sys.executable} -m uv publish dist/*.whl dist/*.tar.gz\n"
        f"to take it back before that:\n"
        f"    git tag --delete v{version} && git reset --hard HEAD~2"
    )
    return 0


def _check(version: str) -> None:
    problem = next_version_problem(version, _run("git", "tag", "--list", "v*").split())
    if problem:
        raise _RefusedError(problem)
    changed = _run("git", "status", "--porcelain")
    if changed:
        raise _RefusedError(f"commit your changes first:\n{changed}")


@contextlib.contextmanager
def _worktree() -> Iterator[Path]:
    """Make a worktree of HEAD, and remove it at the end."""
    with tempfile.TemporaryDirectory(prefix="pairterm-release-") as place:
        tree = Path(place) / "tree"
        _run("git", "worktree", "add", "--detach", tree)
        try:
            yield tree
        finally:
            _run("git", "worktree", "remove", "--force", tree)


def _make(version: str, tree: Path) -> tuple[str, str]:
    """Make both commits, and the files in `dist/` of the tree. Return the two commits."""
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    _say(f"pairterm {version}, {today}: version, changelog and man pages")
    changelog = tree / "CHANGELOG.md"
    changelog.write_text(changelog_for(changelog.read_text(encoding="utf-8"), version, today), encoding="utf-8")
    package = tree / "pairterm" / "__init__.py"
    text, count = re.subn(
        r'^__version__ = ".*"$', f'__version__ = "{version}"', package.read_text(), flags=re.MULTILINE
    )
    if count != 1:
        raise _RefusedError(f"{package.name} has {count} lines with the version")
    package.write_text(text)
    _run(sys.executable, "-m", "scripts.reference", at=tree)
    built = _commit(tree, f"release: {version}")

    _say("building the wheel and the sdist")
    date = _run("git", "show", "--no-patch", "--format=%cI", built, at=tree)
    _run(sys.executable, "-m", "hatchling", "build", "-d", "dist", at=tree)
    found = hashes([*(tree / "dist").iterdir()])
    (tree / "dist" / f"pairterm-{version}.provenance.json").write_text(
        provenance(version, built, date, found, _tools()), encoding="utf-8"
    )
    (tree / "dist" / "SHA256SUMS").write_text(sums(hashes([*(tree / "dist").iterdir()])), encoding="utf-8")

    _say("pinning the hashes in the CI recipes")
    libraries = _run(
        sys.executable, "-m", "uv", "pip", "compile", "pyproject.toml", "--constraints", "constraints.txt",
        "--generate-hashes", "--universal", "--python-version", "3.11", "--no-header", "--no-annotate", "--quiet",
        at=tree,
    )  # fmt: skip
    (tree / "ci" / "requirements.txt").write_text(
        pinned_requirements(version, found, libraries + "\n"), encoding="utf-8"
    )
    gitlab = tree / "ci" / "gitlab.yml"
    wheel_hash = next(digest for name, digest in found.items() if name.endswith(".whl"))
    gitlab.write_text(pinned_gitlab(gitlab.read_text(encoding="utf-8"), version, wheel_hash), encoding="utf-8")
    return built, _commit(tree, f"ci: pin release {version}")


def _commit(tree: Path, subject: str) -> str:
    _run("git", "add", "--all", at=tree)
    _run("git", "commit", "--quiet", "--message", subject, at=tree)
    return _run("git", "rev-parse", "HEAD", at=tree)


def _tools() -> dict[str, str]:
    return {"Python": platform.python_version(), "hatchling": importlib.metadata.version("hatchling")}


def _check_files(version: str, tree: Path) -> None:
    """Check the built files as their users get them: complete, the same when built again, and working."""
    _say("checking the built files")
    dist = tree / "dist"
    (wheel,), (sdist,) = list(dist.glob("*.whl")), list(dist.glob("*.tar.gz"))
    missing = set(_NEEDED) - set(zipfile.ZipFile(wheel).namelist())
    if missing:
        raise _RefusedError(f"{wheel.name} lacks {', '.join(sorted(missing))}")
    _run("sha256sum", "--check", "--quiet", "SHA256SUMS", at=dist)
    place = tree.parent
    # By the build front end of pip, in an environment of its own: the way of a user with the sdist alone.
    _run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", place / "again", sdist)
    if hashes([*(place / "again").iterdir()]) != hashes([wheel]):
        raise _RefusedError(
            "the wheel that pip builds from the sdist is another one (is the hatchling in .venv the newest?)"
        )
    _run(sys.executable, "-m", "venv", "--without-pip", place / "venv")
    pip = (sys.executable, "-m", "pip", "--python", place / "venv" / "bin" / "python", "--quiet")
    pins = tree / "ci" / "requirements.txt"
    _run(*pip, "install", "--require-hashes", "--find-links", dist, "--requirement", pins)
    _run(*pip, "check")
    said = _run(place / "venv" / "bin" / "pairterm", "-V", at=place)
    if said != f"pairterm {version}":
        raise _RefusedError(f"the installed command says {said!r}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
