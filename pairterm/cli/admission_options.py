"""The options of `new` that say who may join, and the settings that the host gets from them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from pairterm.access.key_urls import BASE_URLS, key_url
from pairterm.cli.option_group import with_options
from pairterm.config import UserConfig
from pairterm.errors import UsageError
from pairterm.session.durations import parse_duration
from pairterm.types import MAX_CLIENTS

__all__ = ["admission_options", "admission_settings"]

_F = TypeVar("_F", bound=Callable[..., Any])


_OPTIONS = (
    click.option("--ro-only", is_flag=True, help="Make only a link for watching, and none for typing."),
    click.option(
        "--expire", metavar="TIME", help="The links stop working after this time (e.g. 2h). Guests who are in stay."
    ),
    click.option(
        "--max-guests", type=click.IntRange(0, MAX_CLIENTS), metavar="N", help="At most this many guests at a time."
    ),
    click.option("--ask", is_flag=True, help="Each guest has to knock. C-b y lets them in, C-b N refuses them."),
    click.option(
        "--admit",
        type=click.Choice(["token", "key", "token+key"]),
        help="A guest needs a link (token), a key on a list (key), or both (token+key).",
    ),
    click.option(
        "-a",
        "--authorized-keys",
        multiple=True,
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="A file of keys that may join, in sshd's authorized_keys form. A line may start with role=\"ro\". "
        "Changes to the file apply to the running session.",
    ),
    *(
        click.option(
            f"--{each}-user",
            f"{each}_user",
            multiple=True,
            metavar="NAME",
            help="Let the public keys of this account join.",
        )
        for each in BASE_URLS
    ),
    click.option(
        "--follow",
        type=click.Choice(["leader", "owner"]),
        help="Everybody looks at the window that a person selected last (leader), or that you did (owner).",
    ),
    click.option("--seat", is_flag=True, help="Only one person types at a time in each window. C-b r asks for it."),
    click.option("--rotate", metavar="TIME", help="Pass the keyboard on after this time (e.g. 5m). Implies --seat."),
    click.option("--confirm-enter", is_flag=True, help="A guest's line is entered only when you press C-b y."),
    click.option("--call", metavar="URL", help="The address of a video call. Everyone who joins sees it."),
)  # fmt: skip


def admission_options(function: _F) -> _F:
    """Add the options to a command."""
    return with_options(function, _OPTIONS)


def admission_settings(given: dict[str, Any], config: UserConfig) -> dict[str, Any]:
    """Return the host's settings about who may join. Mistakes are reported here, before anything is started.

    Raises:
        UsageError: A file, a name or a time can't be used.
    """
    if given["expire"]:
        parse_duration(given["expire"])
    urls = [key_url(forge, name, config.key_sources) for forge in BASE_URLS for name in given[f"{forge}_user"]]
    return {
        "ro_only": given["ro_only"],
        "expire": given["expire"] or "",
        "keys": [(os.path.abspath(path), _read(path)) for path in given["authorized_keys"]],
        "key_urls": urls,
        "options": _options(given),
    }


def _options(given: dict[str, Any]) -> dict[str, str]:
    options: dict[str, str] = {}
    if given["max_guests"] is not None:
        options["max-guests"] = str(given["max_guests"])
    if given["ask"]:
        options["ask"] = "on"
    if given["admit"]:
        options["admit"] = given["admit"]
    if given["follow"]:
        options["follow"] = given["follow"]
    if given["rotate"]:
        options["seat-rotate"] = given["rotate"]
    if given["seat"] or given["rotate"]:
        options["seat"] = "on"
    if given["confirm_enter"]:
        options["confirm-enter"] = "on"
    if given["call"]:
        options["call"] = given["call"]
    return options


def _read(path: Path) -> str:
    # Here, not at the top: most sessions are opened by links.
    from pairterm.access.authorized_keys import parse_key_lines
    from pairterm.runtime.key_file import read_key_file

    try:
        text = read_key_file(path)
    except OSError as error:
        raise UsageError(f"can't read {path}: {error.strerror}", code="key") from error
    parse_key_lines(text, where=str(path))
    return text
