"""The options of `new -F`: by which rules a session in the foreground ends. `foreground` applies them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar, cast

import click
import msgspec

from pairterm.cli.option_group import with_options
from pairterm.session.durations import parse_duration

__all__ = ["ForegroundRules", "foreground_options"]

_F = TypeVar("_F", bound=Callable[..., Any])


class ForegroundRules(msgspec.Struct, frozen=True, kw_only=True):
    """The rules that end a session in the foreground, besides the end of its command. None: the rule is off."""

    wait_for_guest_s: float | None = None
    timeout_s: float | None = None
    ends_when_empty: bool = False
    keeps_environment: bool = False


def foreground_options(command: _F) -> _F:
    """Add the options of a session in the foreground to a command, which gets them as one `rules` argument."""
    options = (
        click.option(
            "--wait-for-guest", metavar="TIME", help="With -F: exit with 0 if no guest joins in this time (10m)."
        ),
        click.option("--end-when-empty", is_flag=True, help="With -F: exit with 0 when the last guest leaves."),
        click.option("--timeout", metavar="TIME", help="With -F: exit with 124 after this time (1h)."),
        click.option("--keep-env", is_flag=True, help="In CI: do not remove variables that look like secrets."),
    )

    @functools.wraps(command)
    def run(
        *args: Any,
        wait_for_guest: str | None,
        end_when_empty: bool,
        timeout: str | None,
        keep_env: bool,
        **rest: Any,
    ) -> Any:
        rules = ForegroundRules(
            wait_for_guest_s=parse_duration(wait_for_guest) if wait_for_guest else None,
            timeout_s=parse_duration(timeout) if timeout else None,
            ends_when_empty=end_when_empty,
            keeps_environment=keep_env,
        )
        return command(*args, rules=rules, **rest)

    return cast(_F, with_options(run, options))
