"""The man pages: one for `pairterm` and one for each of its commands, in mdoc(7), from click's commands.

A page has the same texts as docs/commands.md. The page of a group (`pairterm link`) also describes
its subcommands. The date of a page is the date of the newest release, so that a page changes only
with the text or with a release. `tests/integration/test_man_pages.py` checks the pages with mandoc's lint.
"""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import click

from pairterm.cli.app import pairterm

__all__ = ["man_pages"]

_CHANGELOG = Path(__file__).resolve().parent.parent / "CHANGELOG.md"

_BEFORE_A_RELEASE = date(2026, 11, 27)
"""The date of the pages as long as the changelog has no release."""

_WIDTH = 78
"""mandoc's lint wants input lines of up to 80 bytes."""

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z\"'(])")

_ENVIRONMENT = (
    ("PAIRTERM_GATEWAY", "The gateway to share through, as with --gateway. It overrides the configuration file."),
    ("PAIRTERM_TMPDIR", "pairterm makes its directory of sockets here, instead of in /tmp."),
    ("PAIRTERM", "Set inside a session: the session's socket and its host's process id."),
    ("XDG_CONFIG_HOME", "The place of the configuration. The default is ~/.config."),
    ("XDG_STATE_HOME", "The place of the host key, the logs and crash reports. The default is ~/.local/state."),
    ("SHELL", "The program that 'pairterm new' runs without a command."),
)

_FILES = (
    ("~/.config/pairterm/config.toml", "The configuration of a person who shares."),
    ("~/.local/state/pairterm/", "The host key, logs, audit logs and crash reports."),
    ("/tmp/pairterm-UID/", "The sockets of your sessions."),  # noqa: S108 -- a text
    ("/etc/pairterm.toml", "The configuration of the machine's gateway, if 'pairterm setup gateway' wrote one."),
    ("/var/lib/pairterm/", "The host key, the audit log and authorized_hosts of the machine's gateway."),
)

_STATUSES = (
    ("0", "The command is done."),
    ("1", "The machine refused it (a port, a disk, a gateway that does not answer), or there are no sessions."),
    ("2", "The command can't do this. A line on standard error says what to do instead."),
)


def man_pages() -> dict[str, str]:
    """Return the text of each page by its path below the source tree."""
    root = click.Context(pairterm, info_name="pairterm")
    pages = {"pairterm": _main_page(root)}
    for name, command in _children(root):
        pages[f"pairterm-{name}"] = _command_page(name, click.Context(command, parent=root, info_name=name))
    return {f"man/man1/{name}.1": text for name, text in pages.items()}


def _main_page(context: click.Context) -> str:
    lines = _head("pairterm", "share one shell over plain ssh")
    lines += [".Sh SYNOPSIS", ".Nm pairterm", ".Op Ar options", ".Ar command", ".Op Ar arguments"]
    lines += [".Sh DESCRIPTION", *_paragraphs(pairterm.help or ""), *_options(context)]
    lines += [".Sh COMMANDS", ".Bl -tag -width Ds"]
    for name, command in _children(context):
        lines += [f".It Xr pairterm-{name} 1", *_text(command.get_short_help_str(limit=1000))]
    lines += [".El", *_text(pairterm.epilog or "")]
    lines += [".Sh ENVIRONMENT", *_list("Ev", _ENVIRONMENT), ".Sh FILES", *_list("Pa", _FILES)]
    lines += [*_exit_status(), ".Sh SEE ALSO", ".Xr ssh 1 ,", ".Xr tmux 1"]
    return "\n".join(lines) + "\n"


def _command_page(name: str, context: click.Context) -> str:
    command = context.command
    lines = _head(f"pairterm-{name}", _one_line(command))
    lines += [".Sh SYNOPSIS", *_synopsis(context)]
    subcommands = [click.Context(each, parent=context, info_name=key) for key, each in _children(context)]
    for each in subcommands:
        lines += _synopsis(each)
    lines += [".Sh DESCRIPTION", *_paragraphs(command.help or ""), *_options(context)]
    for each in subcommands:
        title = _escaped(each.command_path.removeprefix("pairterm "))
        lines += [f".Ss {title}", *_paragraphs(each.command.help or ""), *_options(each)]
    lines += [*_text(command.epilog or ""), *_exit_status(), ".Sh SEE ALSO", ".Xr pairterm 1"]
    return "\n".join(lines) + "\n"


def _children(context: click.Context) -> Iterator[tuple[str, click.Command]]:
    """Yield the subcommands with their names; none for a command that is no group."""
    if isinstance(context.command, click.Group):
        for name in context.command.list_commands(context):
            command = context.command.get_command(context, name)
            assert command is not None
            if not command.hidden:
                yield name, command


def _head(name: str, description: str) -> list[str]:
    day = _date()
    return [
        '.\\" Written by `make docs` from pairterm/cli. Change it there.',
        f".Dd {day:%B} {day.day}, {day.year}",
        f".Dt {name.upper()} 1",
        ".Os",
        ".Sh NAME",
        f".Nm {name}",
        f".Nd {_escaped(description)}",
    ]


def _date() -> date:
    found = re.search(r"^## \[[\d.]+\].*?(\d{4}-\d\d-\d\d)", _CHANGELOG.read_text(encoding="utf-8"), re.MULTILINE)
    return date.fromisoformat(found[1]) if found else _BEFORE_A_RELEASE


def _one_line(command: click.Command) -> str:
    """Return the first sentence of a command's help in the form for NAME: without a capital and a full stop."""
    text = command.get_short_help_str(limit=1000).rstrip(".")
    return text[0].lower() + text[1:]


def _synopsis(context: click.Context) -> list[str]:
    """Return the lines of SYNOPSIS for one command."""
    lines = [f".Nm {context.command_path}"]
    for parameter in context.command.get_params(context):
        record = parameter.get_help_record(context)
        if isinstance(parameter, click.Argument):
            word = parameter.make_metavar(context).removesuffix("...").strip("[]{}")
            dots = " ..." if parameter.nargs == -1 else ""
            macro = ".Ar" if parameter.required else ".Op Ar"
            lines.append(f"{macro} {_escaped(word)}{dots}")
        elif record is not None and "--help" not in parameter.opts:
            lines.append(f".Op {_flags(_shortest(record[0]))}")
    if isinstance(context.command, click.Group):
        lines += [".Ar command", ".Op Ar arguments"]
    return lines


def _options(context: click.Context) -> list[str]:
    """Return the list of a command's options; nothing if it has none."""
    records = [each.get_help_record(context) for each in context.command.get_params(context)]
    described = [(names, text) for names, text in filter(None, records) if text and not names.endswith("--help")]
    if not described:
        return []
    lines = [".Bl -tag -width Ds"]
    for names, text in described:
        lines += [f".It {_flags(names)}", *_text(text)]
    return [*lines, ".El"]


def _shortest(names: str) -> str:
    """Return the first of an option's names, with its value: `-i FILE` of `-i, --identity FILE`."""
    first, *others = names.split(", ")
    value = others[-1].partition(" ")[2] if others else ""
    return f"{first} {value}".rstrip()


def _flags(names: str) -> str:
    """Return click's notation of an option (`-s, --long NAME`) in mdoc's macros."""
    macros = []
    for word in names.replace(" / ", ", ").split():
        if word.startswith("-"):
            macros.append(f"Fl {_escaped(word[1:].rstrip(','))}" + (" ," if word.endswith(",") else ""))
        else:
            macros.append(f"Ar {_escaped(word.strip('[]{}'))}")
    return " ".join(macros)


def _list(macro: str, items: tuple[tuple[str, str], ...]) -> list[str]:
    lines = [".Bl -tag -width Ds"]
    for name, text in items:
        lines += [f".It {macro} {_escaped(name)}", *_text(text)]
    return [*lines, ".El"]


def _exit_status() -> list[str]:
    return [".Sh EXIT STATUS", *_list("Li", _STATUSES)]


def _paragraphs(text: str) -> list[str]:
    r"""Return the paragraphs of a command's help. One with the mark `\b` keeps its lines, as on the terminal."""
    lines: list[str] = []
    for paragraph in filter(None, inspect.cleandoc(text).split("\n\n")):
        mark, _, rest = paragraph.partition("\n")
        if mark.strip() == "\b":
            lines += [".Bd -literal -offset indent", *map(_escaped_line, rest.splitlines()), ".Ed"]
        else:
            lines += [*([".Pp"] if lines else []), *_text(paragraph)]
    return lines


def _text(text: str) -> list[str]:
    """Return running text: each sentence begins on a new line, as mdoc wants it."""
    sentences = _SENTENCE_END.split(" ".join(text.split()))
    return [
        _escaped_line(line)
        for sentence in sentences
        for line in textwrap.wrap(sentence, _WIDTH, break_long_words=False, break_on_hyphens=False)
    ]


def _escaped_line(line: str) -> str:
    """Return a line of text. A full stop or an apostrophe at its beginning would be a macro."""
    escaped = _escaped(line)
    return f"\\&{escaped}" if escaped.startswith((".", "'")) else escaped


def _escaped(text: str) -> str:
    """Return text in roff's escapes: the backslash, the dash of an option, and all but ASCII."""
    text = text.replace("\\", "\\e")
    text = re.sub(r"(?<![\w-])-(?=[\w-])|(?<=-)-", r"\\-", text)
    return "".join(each if each.isascii() else f"\\[u{ord(each):04X}]" for each in text)
