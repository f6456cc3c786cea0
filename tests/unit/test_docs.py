"""The documentation agrees with the code: generated pages, links, and the commands that people shall type."""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import pairterm
from pairterm.cli.app import pairterm as command_line
from pairterm.view.bindings import Bindings, Table
from scripts import reference

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
UNIT = ROOT / "systemd" / "pairterm.service"
GENERATED = reference.pages()


def page_id(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("name", GENERATED)
def test_a_generated_page_is_what_the_code_says(name: str) -> None:
    assert (ROOT / name).read_text(encoding="utf-8") == GENERATED[name], f"{name} is out of date: run `make docs`"


def test_each_man_page_is_of_a_command() -> None:
    written = {f"man/man1/{each.name}" for each in (ROOT / "man" / "man1").iterdir()}
    assert written == {name for name in GENERATED if name.startswith("man/")}


def test_the_check_sees_a_page_that_is_out_of_date(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "docs").mkdir()
    monkeypatch.setattr(reference, "_ROOT", tmp_path)
    assert reference.main(["--check"]) == 1
    assert reference.main([]) == 0
    assert reference.main(["--check"]) == 0
    (tmp_path / "docs" / "commands.md").write_text("of yesterday", encoding="utf-8")
    assert reference.main(["--check"]) == 1
    assert reference.main([]) == 0
    (tmp_path / "man" / "man1" / "pairterm-old.1").write_text("of a command that was removed", encoding="utf-8")
    assert reference.main(["--check"]) == 1
    assert reference.main([]) == 0
    assert reference.main(["--check"]) == 0


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_a_link_leads_to_a_file_that_is_there(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8"))
    missing = [each for each in targets if "://" not in each and not (page.parent / each).exists()]
    assert not missing


def typed_commands(page: Path) -> Iterator[list[str]]:
    """Yield the commands in the page's code blocks, from `pairterm` on, without the shell around them."""
    for block in re.findall(r"^```\w*\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
        for line in block.splitlines():
            found = re.fullmatch(r"(?:\$ )?(?:sudo )?(?:\S*/bin/)?pairterm( .*)?", line.partition("  #")[0].rstrip())
            if found and "[" not in line:
                yield shlex.split(re.split(r"   |[|;<>]", found[1] or "")[0])


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_a_command_in_a_code_block_can_be_typed(page: Path) -> None:
    for words in typed_commands(page):
        context = click.Context(command_line)
        if not words or words[0].startswith("-"):
            command_line.make_context("pairterm", words, resilient_parsing=True)
            continue
        name, command, rest = command_line.resolve_command(context, words)
        assert command is not None, words
        command.make_context(name, rest, resilient_parsing=True)


def test_the_units_command_is_one(tmp_path: Path) -> None:
    """`%` and `$` have a meaning for systemd. The path is the one that the documentation installs to."""
    lines = [line for line in UNIT.read_text(encoding="utf-8").splitlines() if line.startswith("ExecStart=")]
    path, *words = shlex.split(lines[0].removeprefix("ExecStart="))
    assert path == "/opt/pairterm/bin/pairterm"
    assert f"python3 -m venv {Path(path).parents[1]}" in (ROOT / "docs" / "hosting.md").read_text(encoding="utf-8")
    name, command, rest = command_line.resolve_command(click.Context(command_line), words)
    assert command is not None
    assert command.make_context(name, rest).params["config_path"] == Path("/etc/pairterm.toml")


def test_the_table_of_layers_is_the_one_that_is_kept() -> None:
    """The table of docs/architecture.md agrees with import-linter's, and both agree with the files."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = settings["tool"]["importlinter"]["contracts"][0]["layers"]
    kept = [set(re.findall(r"pairterm\.(\w+)", layer)) for layer in reversed(layers)]
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| `(\w+)/?` \|", text, re.MULTILINE)
    assert [{name for level, name in rows if int(level) == at} for at in range(len(kept))] == kept
    source = Path(pairterm.__file__).parent
    modules = {each.stem for each in source.iterdir() if each.suffix == ".py" or (each / "__init__.py").exists()}
    assert {name for _, name in rows} == {name for name in modules if not name.startswith("_")}


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_no_sentence_begins_with_who_or_what(page: Path) -> None:
    """Such a sentence hides its subject in a clause. Questions and quotations in code are not looked at."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    text = re.sub(r"^#.*$|`[^`]*`", "`", text, flags=re.MULTILINE)
    found = re.findall(
        r"(?:^(?:\W*)|[.:;!?|] +)((?:Who|Whoever|Whose|What|Whatever)\b[^.?|\n]*)(?!\?)", text, re.MULTILINE
    )
    assert not found


def test_the_changelog_begins_with_what_is_not_released() -> None:
    headings = re.findall(r"^## (.*)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert headings[0] == "[Unreleased]" or headings[0].startswith(f"[{pairterm.__version__}]")


def test_a_key_that_a_page_names_after_the_prefix_is_bound() -> None:
    """`docs/keys.md` named `C-b m` for the wheel, which is another key's."""
    bound = Bindings.of().tables[Table.PREFIX]
    named = {
        (page_id(page), key)
        for page in PAGES
        if page.name != "CHANGELOG.md"
        for key in re.findall(r"`C-b ([^`\s]+)`", page.read_text(encoding="utf-8"))
    }
    assert len(named) > 20
    assert not {(page, key) for page, key in named if key not in bound}
