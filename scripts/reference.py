"""The generated pages of the documentation: the commands from click, the configuration from its dataclasses.

`python -m scripts.reference` writes these pages, and the man pages (`scripts.man_pages`). `--check`
lists the pages that are out of date, and exits with 1. The text about an option or a key stands next
to it in the code. Only text without such a place stands here.
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
from pairterm.config import AuditConfig, ClusterConfig, GatewayConfig, HostsConfig, UserConfig, WebConfig
from scripts.man_pages import man_pages

__all__ = ["commands_page", "configuration_page", "main", "pages"]

_ROOT = Path(__file__).resolve().parent.parent

_MARK = "<!-- Written by `make docs` from {source}. Change it there. -->"


def commands_page() -> str:
    """Return the command reference as Markdown."""
    parts = [_MARK.format(source="pairterm/cli"), "# Commands"]
    parts += _command(pairterm, click.Context(pairterm), "pairterm")
    parts.append(
        "## Exit status\n\n"
        "0: the command is done. 1: the machine refused it (a port, a disk, a gateway that does not answer), or there "
        "are no sessions. 2: the command can't do this; a line on standard error says what to do instead. "
        "`new -F` exits with the status of its command, or with 128 + N if signal N ended it."
    )
    parts.append(
        "## Completion\n\n"
        "The Tab key completes commands, options, the names of sessions, and the people in a session. It works in bash "
        "(4.4 or later, with bash-completion), zsh and fish. `pairterm setup shell` installs it, and the man pages."
    )
    return "\n\n".join(parts) + "\n"


def _command(command: click.Command, context: click.Context, path: str) -> Iterator[str]:
    """Yield the sections of a command and of its subcommands."""
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
    r"""Yield the paragraphs of a command's help. A paragraph with the mark `\b` keeps its lines, as on the terminal."""
    for paragraph in inspect.cleandoc(text).split("\n\n"):
        mark, _, rest = paragraph.partition("\n")
        yield f"```\n{rest}\n```" if mark.strip() == "\b" else " ".join(paragraph.split())


def _in_table(text: str) -> str:
    """Return a text in the form for a cell of a table."""
    return " ".join(text.split()).replace("|", "\\|")


def configuration_page() -> str:
    """Return the configuration reference as Markdown."""
    parts = [
        _MARK.format(source="pairterm/config.py"),
        "# Configuration",
        "Both files are TOML. Neither has to exist. An unknown key or a value of the wrong type is an error "
        "that names the right one. An option on the command line overrides the file.",
        "## For people who share",
        "The file is `$XDG_CONFIG_HOME/pairterm/config.toml`, normally `~/.config/pairterm/config.toml`. "
        "`pairterm new` reads it. A change holds for the next session.",
        _table(UserConfig),
        _example(UserConfig, {"prefix": "C-a", "listen": ["0.0.0.0:2222"], "advertise": "pair.example.org"}),
        "## For a gateway",
        "`pairterm serve --config FILE` reads the file. `pairterm serve --config FILE --check-config` checks it.",
        _table(GatewayConfig),
        _example(GatewayConfig, {"listen": ["0.0.0.0:22", "[::]:22"], "advertise": "pair.example.org"}),
        "### `[hosts]`",
        "This table says which hosts may share through the gateway. An example of a line in `authorized_hosts`: "
        '`name-prefix="team-",max-sessions="3",expiry-time="20271231" ssh-ed25519 AAAA… ana@laptop`. '
        "A certificate must have the principal `host`, unless its `cert-authority` line has `principals=`.",
        _table(HostsConfig),
        "### `[audit]`",
        "`pairterm gateway audit` shows the audit. The audit of a session's owner has the events inside the session.",
        _table(AuditConfig),
        "### `[web]`",
        "A guest can join with a browser if `listen` names an address. The file below serves the page behind a proxy.",
        _table(WebConfig),
        _example(WebConfig, {"listen": ["127.0.0.1:8022"], "advertise": "https://pair.example.org"}),
        "### `[cluster]`",
        "Gateways with the same table are one service: guests and hosts may connect to any of them. Each process of "
        "`pairterm serve` is one of the service's gateways.",
        _table(ClusterConfig),
        _example(ClusterConfig, {"nats": ["nats://nats1.example.org:4222"], "name": "pair"}),
        "## Environment",
        "| variable | meaning |\n|---|---|\n"
        "| `PAIRTERM_GATEWAY` | The same as the key `gateway` above. It overrides the file. |\n"
        "| `PAIRTERM_TMPDIR` | pairterm makes its directory of sockets here, instead of in `/tmp`. |\n"
        "| `PAIRTERM` | Set inside a session: the session's socket and its host's process id. `pairterm new` and "
        "`pairterm attach` refuse while it is set. |\n"
        "| `PAIRTERM_PANE` | Set inside a session: the pane, such as `%3`. A command without `-t` means its window. |\n"
        "| `XDG_CONFIG_HOME`, `XDG_STATE_HOME` | The places of the configuration, and of the host key and the logs. |\n"
        "| `SHELL` | The program that `pairterm new` runs without a command. |",
    ]
    return "\n\n".join(parts) + "\n"


def _table(kind: Any) -> str:
    """Return the keys of a configuration as a table."""
    rows = ["| key | type | default | |", "|---|---|---|---|"]
    for field in dataclasses.fields(kind):
        if field.default_factory in (HostsConfig, AuditConfig, WebConfig, ClusterConfig):
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
    """Return a value as TOML. JSON is TOML for the types that `_type_name` knows, except for filled tables."""
    return json.dumps(value)


def _example(kind: Any, values: dict[str, object]) -> str:
    """Return an example file. All of its keys must exist."""
    known = {field.name for field in dataclasses.fields(kind)}
    assert values.keys() <= known, f"the example names keys that do not exist: {values.keys() - known}"
    lines = [f"{key} = {_toml(value)}" for key, value in values.items()]
    return "```toml\n" + "\n".join(lines) + "\n```"


def pages() -> dict[str, str]:
    """Return the text of each generated page, by its path below the source tree."""
    return {
        "docs/commands.md": commands_page(),
        "docs/configuration.md": configuration_page(),
        **man_pages(),
    }


def main(arguments: list[str]) -> int:
    """Write the pages, or with `--check` list those that differ. Return the exit status."""
    is_check = arguments == ["--check"]
    wanted = pages()
    man_directory = _ROOT / "man" / "man1"
    man_directory.mkdir(parents=True, exist_ok=True)
    said = []
    for name, text in wanted.items():
        path = _ROOT / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            said.append(f"{'out of date' if is_check else 'written'}: {name}")
            if not is_check:
                path.write_text(text, encoding="utf-8")
    for path in sorted(man_directory.iterdir()):
        name = str(path.relative_to(_ROOT))
        if name not in wanted:
            said.append(f"{'of no command' if is_check else 'removed'}: {name}")
            if not is_check:
                path.unlink()
    click.echo("\n".join(said) or "all up to date")
    return 1 if is_check and said else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
