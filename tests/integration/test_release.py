"""`make release` in a clone: the commits, the tag, the files and their hashes; and what it refuses, leaving nothing."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

_LIMIT_S = 600.0

pytestmark = pytest.mark.slow


def git(at: Path, *words: str) -> str:
    done = subprocess.run(["git", *words], cwd=at, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone with the files of this tree, committed."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    at = tmp_path / "clone"
    git(ROOT, "clone", "--quiet", "--no-hardlinks", ".", str(at))
    changed = git(ROOT, "diff", "--binary", "HEAD")
    if changed:
        subprocess.run(["git", "apply", "--index"], cwd=at, input=changed + "\n", text=True, check=True)
    git(at, "config", "user.name", "Tester")
    git(at, "config", "user.email", "tester@example.org")
    git(at, "commit", "--quiet", "--allow-empty", "--message", "the tree of the tests")
    return at


def release(clone: Path, version: str, *, status: int = 0) -> str:
    done = subprocess.run(
        ["make", "--silent", "release", f"VERSION={version}", f"BIN={Path(sys.executable).parent}"],
        cwd=clone,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=_LIMIT_S,
    )
    assert (done.returncode == 0) is (status == 0), done.stdout
    return done.stdout


def test_a_release_is_one_command(clone: Path) -> None:
    before = git(clone, "rev-parse", "HEAD")
    said = release(clone, "9.8.7")
    assert git(clone, "status", "--porcelain") == ""
    assert git(clone, "rev-parse", "v9.8.7^{commit}") == git(clone, "rev-parse", "HEAD")
    built = git(clone, "rev-parse", "HEAD~1")
    assert git(clone, "rev-parse", "HEAD~2") == before
    assert f"built from {built[:12]}" in said
    assert len(git(clone, "worktree", "list").splitlines()) == 1

    dist = clone / "dist"
    wheel, sdist = dist / "pairterm-9.8.7-py3-none-any.whl", dist / "pairterm-9.8.7.tar.gz"
    statement = json.loads((dist / "pairterm-9.8.7.provenance.json").read_text())
    digests = {each.name: hashlib.sha256(each.read_bytes()).hexdigest() for each in (wheel, sdist)}
    assert {each["name"]: each["digest"]["sha256"] for each in statement["subject"]} == digests
    (source,) = statement["predicate"]["buildDefinition"]["resolvedDependencies"]
    assert source["digest"]["gitCommit"] == built
    subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=dist, check=True)
    assert len((dist / "SHA256SUMS").read_text().splitlines()) == 3
    with zipfile.ZipFile(wheel) as archive:
        assert json.loads(archive.read("pairterm/data/build.json"))["commit"] == built

    requirements = (clone / "ci" / "requirements.txt").read_text()
    assert "pairterm==9.8.7 \\\n" in requirements
    assert all(f"--hash=sha256:{each}" in requirements for each in digests.values())
    gitlab = (clone / "ci" / "gitlab.yml").read_text()
    assert '    PAIRTERM_VERSION: "9.8.7"\n' in gitlab
    assert f'    PAIRTERM_SHA256: "{digests[wheel.name]}"\n' in gitlab

    changelog = (clone / "CHANGELOG.md").read_text()
    assert "\n## [Unreleased]\n\n## [9.8.7] - 2" in changelog
    assert "9.8.7" in (clone / "pairterm" / "__init__.py").read_text()

    head = git(clone, "rev-parse", "HEAD")
    assert "nothing under [Unreleased]" in release(clone, "9.8.8", status=1)
    assert "not newer than 9.8.7" in release(clone, "9.8.7", status=1)
    assert git(clone, "rev-parse", "HEAD") == head
    assert git(clone, "tag").splitlines()[-1] == "v9.8.7"


def test_a_release_that_is_refused_changes_nothing(clone: Path) -> None:
    before = git(clone, "rev-parse", "HEAD")
    assert "is no version" in release(clone, "1.0", status=1)
    (clone / "pyproject.toml").write_text("[project]\n")
    assert "commit your changes first" in release(clone, "9.8.7", status=1)
    git(clone, "commit", "--quiet", "--all", "--message", "a broken build")
    assert "no release: " in release(clone, "9.8.7", status=1)
    assert git(clone, "rev-parse", "HEAD~1") == before
    assert git(clone, "status", "--porcelain") == ""
    assert git(clone, "tag", "--list", "v9.8.7") == ""
    assert len(git(clone, "worktree", "list").splitlines()) == 1
    assert not (clone / "dist").exists()
