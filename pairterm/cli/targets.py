"""Which session a command about windows concerns, and giving it the command: tmux's targets in the shell."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from itertools import pairwise

from pairterm.cli.local_query import choose_session, run_command
from pairterm.cli.nesting import session_around
from pairterm.errors import SystemFault, UsageError
from pairterm.paths import session_names

__all__ = ["find_pane", "pane_around", "run_at"]


def run_at(options: Sequence[str], words: Sequence[str] = ()) -> tuple[str, str]:
    """Give a command to the session that its options -t and -s mean. Return the session and the answer.

    `options` are the command's name and its options, `words` what follows them.

    A target `work:2` names its session. One word such as `work` is a window or pane of the session that we are
    in, else of the newest; if there is none, it is a session. tmux looks in this order.

    Raises:
        UsageError: There is no such session, window or pane, or the session refuses the command.
        SystemFault: The session's host does not answer.
    """
    targets = [value for option, value in pairwise(options) if option in ("-t", "-s")]
    named = next((each.partition(":")[0] for each in targets if ":" in each), "").removeprefix("=")
    if named and named != "$0":
        return _run(choose_session(named), [*options, *words])
    others = [each for each in targets if _is_word(each)]
    try:
        session = choose_session(None)
        return _run(session, [*options, *words])
    except UsageError as error:
        if not others or not (error.message.startswith("can't find") or error.code == "no_session"):
            raise
        other = choose_session(others[0].removeprefix("="))
        if other not in session_names():
            raise
        return _run(other, [*(f"={other}:" if each == others[0] else each for each in options), *words])


def find_pane(target: str | None) -> tuple[str, int]:
    """Return the session and the number of the pane that a target means; None: the active pane."""
    at = ["-t", target] if target is not None else []
    session, answer = run_at(["display-message", "-p", *at], ["#{pane_id}"])
    return session, int(answer.removeprefix("%"))


def _run(session: str, words: Sequence[str]) -> tuple[str, str]:
    try:
        return session, run_command(session, shlex.join(words), pane=pane_around(session))
    except SystemFault as error:
        if error.code == "link_closed" and words[0] in ("kill-window", "kill-pane"):
            return session, ""  # The session ended with its last pane.
        raise


def pane_around(session: str) -> int | None:
    """Return the pane of this session that we run in; None: we run in none."""
    number = os.environ.get("PAIRTERM_PANE", "").removeprefix("%")
    return int(number) if session == session_around() and number.isdecimal() and number.isascii() else None


def _is_word(target: str) -> bool:
    return bool(target) and target[0] not in "%@$!^+-{" and not {".", ":"} & set(target)
