"""The generated pages of the documentation: the commands from click, the configuration from its dataclasses.

`python -m scripts.reference` writes them, `--check` says which are out of date
and exits with 1. What a page says of an option or a key is said in the code, next
to it; here stands only what has no such place.
"""

from __future__ import annotations

import dataclasses
import inspect
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from pairterm.cli.app import pairterm
from pairterm.config import AuditConfig, GatewayConfig, HostsConfig, UserConfig

__all__ = ["PAGES", "commands_page", "configuration_page", "main"]

_DOCS = Path(__file__).resolve().parent.parent / "docs"

_MARK = "<!-- Written by `make docs` from {source}. Change it there. -->"


def commands_page() -> str:
    """Return the command reference as Markdown."""
    parts = [_MARK.format(source="pairterm/cli"), "# Commands"]
    parts += _command(pairterm, click.Context(pairterm), "pairterm")
    parts.append(
        "## Exit status\n\n"
        "0: done. 1: the machine refused (a port, a disk, a gateway that is not there), or there are no sessions. "
        "2: it can't be asked for so; the line on standard error says what to do instead. "
        "`new -F` exits with the status of its command, 128 + N if signal N ended it."
    )
    parts.append(
        "## Completion\n\n"
        "Commands, options and the names of sessions, by the Tab key. For bash (4.4 or later, with bash-completion), "
        "zsh (a directory of `fpath`) and fish. Take the line of your shell:\n\n"
        "```\n"
        "mkdir -p ~/.local/share/bash-completion/completions ~/.zfunc ~/.config/fish/completions\n"
        "_PAIRTERM_COMPLETE=bash_source pairterm > ~/.local/share/bash-completion/completions/pairterm\n"
        "_PAIRTERM_COMPLETE=zsh_source pairterm > ~/.zfunc/_pairterm\n"
        "_PAIRTERM_COMPLETE=fish_source pairterm > ~/.config/fish/completions/pairterm.fish\n"
        "```"
    )
    return "\n\n".join(parts) + "\n"


def _command(command: click.Command, context: click.Context, path: str) -> Iterator[str]:
    """Yield the sections of a command and of what is below it."""
    if context.parent is not None:
        yield f"## {path}"
    context.info_name = path
    yield f"```\n{path} {' '.join(command.collect_usage_pieces(context))}\n```"
    yield from _paragraphs(command.help or "")
    records = [parameter.get_help_record(context) for parameter in command.get_params(context)]
    described = [(names, text) for names, text in filter(None, records) if text and not names.endswith("--help")]
    yield "| option | |\n|---|---|\n" + "\n".join(
        f"| `{_in_table(names)}` | {_in_table(text)} |" for names, text in described
    )
    if command.epilog:
        yield command.epilog
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            assert child is not None
            yield from _command(child, click.Context(child, parent=context), f"{path} {name}")


def _paragraphs(text: str) -> Iterator[str]:
    r"""Yield the paragraphs of a command's help; one marked with `\b` keeps its lines, as on the terminal."""
    for paragraph in inspect.cleandoc(text).split("\n\n"):
        mark, _, rest = paragraph.partition("\n")
        yield f"```\n{rest}\n```" if mark.strip() == "\b" else " ".join(paragraph.split())


def _in_table(text: str) -> str:
    """Return a text as it may stand in a cell of a table."""
    return " ".join(text.split()).replace("|", "\\|")


def configuration_page() -> str:
    """Return the configuration reference as Markdown."""
    parts = [
        _MARK.format(source="pairterm/config.py"),
        "# Configuration",
        "Both files are TOML. Neither has to exist. An unknown key or a value of the wrong type is an error "
        "that names the right one. What is given on the command line goes before what stands in a file.",
        "## For those who share",
        "`$XDG_CONFIG_HOME/pairterm/config.toml`, that is `~/.config/pairterm/config.toml`. "
        "`pairterm new` reads it; a change holds for the next session.",
        _table(UserConfig),
        _example(UserConfig, {"prefix": "C-a", "listen": ["0.0.0.0:2222"], "advertise": "pair.example.org"}),
        "## For a gateway",
        "The file that `pairterm serve --config FILE` names. `pairterm serve --config FILE --check-config` checks it.",
        _table(GatewayConfig),
        _example(GatewayConfig, {"listen": ["0.0.0.0:22", "[::]:22"], "advertise": "pair.example.org"}),
        "### `[hosts]`",
        "Who may share through the gateway. A line of `authorized_hosts`, for example: "
        '`name-prefix="team-",max-sessions="3",expiry-time="20271231" ssh-ed25519 AAAA… ana@laptop`. '
        "A certificate has to name the principal `host`, unless its `cert-authority` line says `principals=`.",
        _table(HostsConfig),
        "### `[audit]`",
        "`pairterm gateway audit` shows it. What happens inside a session is in the audit of its owner.",
        _table(AuditConfig),
        "## Environment",
        "| variable | |\n|---|---|\n"
        "| `PAIRTERM_GATEWAY` | As the key `gateway` above; goes before the file. |\n"
        "| `PAIRTERM_TMPDIR` | Where the directory of sockets is made, instead of `/tmp`. |\n"
        "| `PAIRTERM` | Set inside a session: its socket and its host's process id. `pairterm new` and "
        "`pairterm attach` refuse while it is set. |\n"
        "| `XDG_CONFIG_HOME`, `XDG_STATE_HOME` | Where the configuration, and the host key and logs, are kept. |\n"
        "| `SHELL` | What `pairterm new` runs without a command. |",
    ]
    return "\n\n".join(parts) + "\n"


def _table(kind: Any) -> str:
    """Return the keys of a configuration as a table."""
    rows = ["| key | type | default | |", "|---|---|---|---|"]
    for field in dataclasses.fields(kind):
        if field.default_factory in (HostsConfig, AuditConfig):
            continue  # A table of its own.
        default = field.default_factory() if callable(field.default_factory) else field.default
        doc = _in_table(field.metadata["doc"])
        rows.append(f"| `{field.name}` | {_type_name(default)} | `{_toml(default)}` | {doc} |")
    return "\n".join(rows)


def _type_name(default: object) -> str:
    """Return TOML's name for a key's type."""
    match default:
        case bool():
            return "true or false"
        case int():
            return "integer"
        case str():
            return "string"
        case list():
            return "array of strings"
        case dict():
            return "table of strings"
    raise TypeError(f"no TOML name for the type of {default!r}")


def _toml(value: object) -> str:
    """Return a value as TOML; for the types that `_type_name` knows, JSON is TOML but for filled tables."""
    return json.dumps(value)


def _example(kind: Any, values: dict[str, object]) -> str:
    """Return an example file, of keys that there are."""
    known = {field.name for field in dataclasses.fields(kind)}
    assert values.keys() <= known, f"the example names keys that are no more: {values.keys() - known}"
    lines = [f"{key} = {_toml(value)}" for key, value in values.items()]
    return "```toml\n" + "\n".join(lines) + "\n```"


PAGES = {"commands.md": commands_page, "configuration.md": configuration_page}
"""The generated pages by their names in docs/, and what returns their text."""


def main(arguments: list[str]) -> int:
    """Write the pages, or with `--check` say which differ; return the exit status."""
    is_check = arguments == ["--check"]
    stale = []
    for name, page in PAGES.items():
        path = _DOCS / name
        if not path.exists() or path.read_text(encoding="utf-8") != page():
            stale.append(name)
            if not is_check:
                path.write_text(page(), encoding="utf-8")
    said = "out of date" if is_check else "written"
    click.echo("\n".join(f"{said}: docs/{name}" for name in stale) or "all up to date")
    return 1 if is_check and stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
