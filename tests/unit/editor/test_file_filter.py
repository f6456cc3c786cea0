"""Which files may leave the machine: links, strange URIs, ignore files, secrets, and what changes meanwhile."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from pairterm.document.document import MAX_LINES, MAX_TEXT_BYTES, Document, DocumentId
from pairterm.editor.file_filter import FileFilter, path_of, text_fault


@pytest.fixture
def root(tmp_path: Path) -> Path:
    project = tmp_path / "project"
    project.mkdir()
    return project


def write(path: Path, text: str = "x\n") -> str:
    """Write a file; return its URI."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path.as_uri()


def test_a_file_below_the_root_has_a_name_without_the_root(root: Path) -> None:
    assert FileFilter([root]).verdict(write(root / "src" / "a b.py")).name == "src/a b.py"
    assert FileFilter([root]).verdict((root / "new.py").as_uri()).name == "new.py"


@pytest.mark.parametrize(
    "name",
    [
        ".env",
        ".ENV.local",
        "sub/.env/x",
        "key.pem",
        "KEY.PEM",
        "id_ed25519",
        "sub/Id_rsa.pub",
        ".ssh/config",
        ".git/config",
        "vault.kdbx",
    ],
)
def test_what_may_be_a_secret_is_held_back(root: Path, name: str) -> None:
    verdict = FileFilter([root]).verdict(write(root / name))
    assert verdict.reason == "it may contain secrets"
    assert not verdict.name


def test_no_include_brings_a_secret_back(root: Path) -> None:
    rules = FileFilter([root], includes=["*", "!.env", ".env"])
    assert rules.verdict(write(root / ".env")).reason


@pytest.mark.parametrize(
    "uri", ["../secret.txt", "%2e%2e/secret.txt", "sub/../../secret.txt", "sub/%2E./%2e./secret.txt"]
)
def test_no_dots_lead_out_of_the_root(root: Path, uri: str) -> None:
    write(root.parent / "secret.txt")
    (root / "sub").mkdir()
    assert FileFilter([root]).verdict(f"{root.as_uri()}/{uri}").reason == "it is outside of the workspace"


def test_a_directory_with_the_beginning_of_the_roots_name_is_outside(root: Path) -> None:
    assert FileFilter([root]).verdict(write(root.parent / "project2" / "a.py")).reason


def test_a_link_counts_as_what_it_leads_to(root: Path) -> None:
    write(root.parent / "outside.txt")
    write(root / ".env")
    write(root / "inside.txt")
    for name, target in (("a", root.parent / "outside.txt"), ("b", root / ".env"), ("c", root / "inside.txt")):
        (root / name).symlink_to(target)
    (root / "folder").symlink_to(root.parent)
    rules = FileFilter([root])
    assert rules.verdict((root / "a").as_uri()).reason == "it is outside of the workspace"
    assert rules.verdict((root / "b").as_uri()).reason == "it may contain secrets"
    assert rules.verdict((root / "c").as_uri()).name == "inside.txt"
    assert rules.verdict((root / "folder" / "outside.txt").as_uri()).reason == "it is outside of the workspace"


def test_a_file_that_becomes_a_link_is_held_back_from_then_on(root: Path) -> None:
    uri = write(root / "notes.txt")
    write(root.parent / "outside.txt")
    rules = FileFilter([root])
    assert rules.verdict(uri).name
    (root / "notes.txt").unlink()
    (root / "notes.txt").symlink_to(root.parent / "outside.txt")
    assert rules.verdict(uri).reason == "it is outside of the workspace"


def test_a_directory_that_becomes_a_link_is_held_back_too(root: Path) -> None:
    uri = write(root / "sub" / "notes.txt")
    write(root.parent / "elsewhere" / "notes.txt")
    rules = FileFilter([root])
    assert rules.verdict(uri).name
    shutil.rmtree(root / "sub")
    (root / "sub").symlink_to(root.parent / "elsewhere")
    assert rules.verdict(uri).reason


def test_a_root_that_is_a_link_is_what_it_leads_to(root: Path) -> None:
    (root.parent / "link").symlink_to(root)
    write(root / "a.py")
    rules = FileFilter([root.parent / "link"])
    assert rules.verdict((root.parent / "link" / "a.py").as_uri()).name == "a.py"
    assert rules.verdict((root / "a.py").as_uri()).name == "a.py"


@pytest.mark.parametrize(
    "uri",
    [
        "untitled:Untitled-1",
        "untitled:/etc/passwd",
        "git:/a.py",
        "http://h/a.py",
        "file://other/a.py",
        "file:a",
        "",
        "a",
        "\0",
    ],
)
def test_what_is_no_file_of_this_machine_is_held_back(root: Path, uri: str) -> None:
    assert FileFilter([root]).verdict(uri).reason
    assert path_of(uri) is None


def test_an_encoded_uri_is_decoded_once(root: Path) -> None:
    write(root / "%2e%2e.py")
    write(root / "ä#?.py")
    rules = FileFilter([root])
    assert rules.verdict((root / "%2e%2e.py").as_uri()).name == "%2e%2e.py"
    assert rules.verdict((root / "ä#?.py").as_uri()).name == "ä#?.py"
    assert path_of("FILE://LOCALHOST/a%20b") == Path("/a b")
    assert path_of("file:///a%00b") is None


def test_a_fifo_and_a_directory_are_no_files(root: Path) -> None:
    os.mkfifo(root / "pipe")
    assert FileFilter([root]).verdict((root / "pipe").as_uri()).reason == "it is no regular file"
    assert FileFilter([root]).verdict(root.as_uri()).reason


def test_without_a_root_or_with_ones_home_nothing_is_shared(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    uri = write(root / "a.py")
    assert "opened no folder" in FileFilter([]).verdict(uri).reason
    for home in (root, root / "below"):
        monkeypatch.setenv("HOME", str(home))
        assert "home directory" in FileFilter([root]).verdict(uri).reason


def test_includes_narrow_and_excludes_hold_back(root: Path) -> None:
    rules = FileFilter([root], includes=["*.py", "docs/"], excludes=["secret*"])
    assert rules.verdict(write(root / "src" / "a.py")).name
    assert rules.verdict(write(root / "docs" / "a.md")).name
    assert rules.verdict(write(root / "a.md")).reason == "no --include names it"
    assert rules.verdict(write(root / "secret.py")).reason == "--exclude names it"


def test_an_ignore_file_that_changes_counts_at_once(root: Path) -> None:
    uri = write(root / "a.log")
    rules = FileFilter([root])
    assert rules.verdict(uri).name
    write(root / ".pairtermignore", "*.log\n")
    assert rules.verdict(uri).reason == "an ignore file excludes it"
    (root / ".pairtermignore").unlink()
    assert rules.verdict(uri).name


def test_one_ignore_file_does_not_bring_back_what_the_other_excludes(root: Path) -> None:
    write(root / ".gitignore", "*.log\n")
    write(root / ".pairtermignore", "!a.log\n")
    assert FileFilter([root]).verdict(write(root / "a.log")).reason


GITIGNORES = {
    "": "*.log\n!keep.log\n/build/\nnode_modules\n# a comment\n\\#odd\ndoc/*.txt\n**/cache/\n",
    "sub": "!debug.log\n*.tmp\n/only-here\n",
    "sub/deep": "*\n!a.py\n",
}

NAMES = [
    *("a.log", "keep.log", "build/a.c", "src/build/a.c", "x/node_modules/y.js", "#odd", "doc/a.txt", "doc/b/a.txt"),
    *("cache/a", "a/cache/b", "sub/debug.log", "sub/other.log", "sub/a.tmp", "a.tmp", "sub/only-here"),
    *("sub/x/only-here", "sub/deep/a.py", "sub/deep/b.py", "sub/deep/x/a.py", "plain.c"),
]


@pytest.mark.skipif(shutil.which("git") is None, reason="not installed: git")
def test_git_agrees_about_what_is_ignored(root: Path) -> None:
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    write(root / ".git" / "info" / "exclude", "plain.c\n")
    for folder, text in GITIGNORES.items():
        write(root / folder / ".gitignore", text)
    uris = {name: write(root / name) for name in NAMES}
    asked = "\n".join(NAMES)
    found = subprocess.run(
        ["git", "-C", str(root), "check-ignore", "--stdin"], input=asked, capture_output=True, text=True, check=False
    )
    rules = FileFilter([root])
    assert [name for name in NAMES if rules.verdict(uris[name]).reason] == found.stdout.splitlines()


def test_large_and_binary_texts_are_held_back() -> None:
    def fault(*lines: str) -> str:
        return text_fault(Document.of(DocumentId(1), lines))

    assert fault("x" * (MAX_TEXT_BYTES - 1)) == ""
    assert "larger" in fault("x" * MAX_TEXT_BYTES)
    assert "larger" in fault("é" * (MAX_TEXT_BYTES // 2 + 1))
    assert "lines" in fault(*[""] * (MAX_LINES + 1))
    assert "binary" in fault("a", "b\0c")
