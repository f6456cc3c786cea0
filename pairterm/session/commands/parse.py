"""Reading a line of words as a command. All ways to give a command are read here; tmux's names are known."""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection

from pairterm.errors import UsageError
from pairterm.safe_text import safe_line
from pairterm.session.commands.command_types import (
    AnswerKind,
    AnswerRequest,
    Command,
    DetachClients,
    GiveKeyboard,
    GrantRole,
    Kick,
    KillSession,
    ListBans,
    ListClients,
    ListInvitations,
    NewInvitation,
    Panic,
    PassKeyboard,
    Pause,
    Record,
    Rename,
    RequestKeyboard,
    RevokeInvitation,
    RotateInvitations,
    SendChat,
    SendKeys,
    SetOption,
    ShowChat,
    ShowLinks,
    ShowOptions,
    TakeKeyboard,
    Unban,
)
from pairterm.session.commands.looks import parse_look_command
from pairterm.session.commands.tmux_commands import advice_for
from pairterm.session.commands.window_syntax import find_syntax, parse_window_command
from pairterm.session.durations import parse_duration
from pairterm.session.recording import RecordingPhase
from pairterm.session.windows.window_options import find_window_option
from pairterm.types import Role, whole_number

__all__ = ["parse_command"]

_ANSWERS = {
    "accept": AnswerKind.YES,
    "accept-ro": AnswerKind.OBSERVER,
    "decline": AnswerKind.NO,
    "decline-ban": AnswerKind.BAN,
}

_PLAIN: dict[str, Command] = {
    "detach-client": DetachClients(),
    "detach-client -a": DetachClients(),
    "who": ListClients(),
    "list-clients": ListClients(),
    "lsc": ListClients(),
    "bans": ListBans(),
    "unban": ListBans(),
    "links": ShowLinks(),
    "panic": Panic(True),
    "panic --ask": Panic(True, asks=True),
    "panic on": Panic(True),
    "panic off": Panic(False),
    "panic --off": Panic(False),
    "pause": Pause(None),
    "pause on": Pause(True),
    "pause off": Pause(False),
    "pause --off": Pause(False),
    "resume": Pause(False),
    "record": Record(None),
    "record on": Record(RecordingPhase.ON),
    "record off": Record(RecordingPhase.OFF),
    "record pause": Record(RecordingPhase.HELD),
    "record resume": Record(RecordingPhase.ON),
    "chat": ShowChat(),
    "messages": ShowChat(),
    "ask": RequestKeyboard(),
}

_TMUX_FLAGS = re.compile("-[Agqsvw]+")
"""Flags of tmux's `set` and `show`. `w` means the options of windows. For those of the session, only `v` (the value
alone) means something."""

_MAX_USES = 100_000

_MAX_LABEL_CHARS = 64


def parse_command(line: str) -> Command:
    """Return the command that a line gives.

    Raises:
        UsageError: It is no command; the message says what to write instead.
    """
    verb, _, rest = line.strip().partition(" ")
    if verb == "say":
        return SendChat(rest.strip(" "))  # Unchanged: a remark may have quotes and backslashes.
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise UsageError(f"can't read the line: {error}", code="command_line") from error
    if not words:
        raise UsageError("give a command", code="command_line")
    if (syntax := find_syntax(words[0])) is not None:
        return parse_window_command(syntax, words[1:])
    if (option := _window_option(words)) is not None:
        return option
    match words:
        case ["set" | "set-option" | "show" | "show-options" as verb, *rest_]:
            return _option(verb, rest_)
        case ["send-keys" | "send", *rest_]:
            return _send_keys(rest_)
        case ["kill-session" | "kill"]:
            return KillSession()
        case ["link", *rest_]:
            return _link(rest_)
        case ["grant" | "revoke" | "kick" | "name", *_]:
            return _about_person(words)
        case _:
            return _other(words)


def _window_option(words: list[str]) -> Command | None:
    """Return `set` or `show` as the command about an option of windows; None: it is about the session's options.

    As in tmux, the option's name decides. Without a name, -w does.
    """
    verb, *rest = words
    if verb not in ("set", "set-option", "show", "show-options"):
        return None
    syntax = find_syntax("set-window-option" if verb.startswith("set") else "show-window-options")
    assert syntax is not None
    is_window = any(find_window_option(each) is not None for each in rest)
    if not is_window and not any(_TMUX_FLAGS.fullmatch(each) and "w" in each for each in rest):
        return None
    return parse_window_command(syntax, rest)


def _send_keys(words: list[str]) -> SendKeys:
    """Return the command; its options but -t are read later, with the pane's modes."""
    at = 0
    while at < len(words) and words[at].startswith("-") and words[at] != "--":
        if words[at].startswith("-t"):
            rest = words[at][2:]
            if not rest and at + 1 == len(words):
                raise UsageError("command send-keys: -t expects an argument", code="command_line")
            target = rest or words[at + 1]
            return SendKeys((*words[:at], *words[at + (1 if rest else 2) :]), target)
        at += 2 if words[at] == "-N" else 1
    return SendKeys(tuple(words))


def _option(verb: str, words: list[str]) -> Command:
    flags = ""
    while words and _TMUX_FLAGS.fullmatch(words[0]):
        flags += words.pop(0)
    match words:
        case [name, value, *rest] if verb.startswith("set"):
            return SetOption(name, " ".join([value, *rest]))
        case [] if verb.startswith("show"):
            return ShowOptions()
        case [name] if verb.startswith("show"):
            return ShowOptions(name, value_only="v" in flags)
    raise UsageError("usage: set OPTION VALUE, or show-options [OPTION]", code="command_line")


def _other(words: list[str]) -> Command:
    if (command := _PLAIN.get(" ".join(words))) is not None:
        return command
    match words:
        case ["record", "on", *rest]:
            positional, options = _options(rest, valued=(), flags=("--input",), most=1)
            return Record(RecordingPhase.ON, positional[0] if positional else "", "--input" in options)
        case ["give" | "pass" | "take", *rest]:
            return _keyboard(words[0], rest)
        case ["unban", what]:
            return Unban(what)
        case ["follow" | "gather" | "set-window", *_] if (found := parse_look_command(words)) is not None:
            return found
        case [verb, *rest] if verb in _ANSWERS:
            positional, options = _options(rest, valued=(), flags=("--remember",), most=1)
            return AnswerRequest(_ANSWERS[verb], positional[0] if positional else "", "--remember" in options)
    if advice := advice_for(words[0]):
        raise UsageError(f"no {words[0]} here: {advice}", code="tmux_command")
    raise UsageError(f"unknown command, or wrong usage: {' '.join(words)[:60]}", code="command_line")


def _about_person(words: list[str]) -> Command:
    verb, *rest = words
    match verb:
        case "grant":
            positional, options = _options(rest, valued=("--for", "--window"), flags=(), most=2)
            if len(positional) != 2:
                raise UsageError("usage: grant ID rw|ro [--for 10m] [--window 2]", code="command_line")
            for_s = parse_duration(options["--for"]) if "--for" in options else None
            return GrantRole(positional[0], _role(positional[1]), for_s, options.get("--window"))
        case "revoke":
            positional, options = _options(rest, valued=("--window",), flags=(), most=1)
            if len(positional) == 1:
                return GrantRole(positional[0], Role.READ_ONLY, window=options.get("--window"))
        case "kick":
            return _kick(rest)
        case "name" if rest:
            return Rename(tuple(rest))
    usage = {"revoke": "revoke ID [--window 2]", "name": "name NAME"}[verb]
    raise UsageError(f"usage: {usage}", code="command_line")


def _keyboard(verb: str, words: list[str]) -> Command:
    positional, options = _options(words, valued=("--window",), flags=(), most=1)
    window = options.get("--window", "")
    match verb, positional:
        case "give", [who]:
            return GiveKeyboard(who, window)
        case "pass", []:
            return PassKeyboard(window)
        case "take", []:
            return TakeKeyboard(window)
    raise UsageError(f"usage: {verb}{' ID' if verb == 'give' else ''} [--window 2]", code="command_line")


def _kick(words: list[str]) -> Kick:
    match words:
        case [who] if not who.startswith("-"):
            return Kick(who)
        case [who, "--ban"] | ["--ban", who] if not who.startswith("-"):
            return Kick(who, "any")
        case [who, "--ban", "key" | "address" | "token" as what]:
            return Kick(who, what)
    raise UsageError("usage: kick ID [--ban [key|address|token]]", code="command_line")


def _link(words: list[str]) -> Command:
    verb, rest = (words[0], words[1:]) if words else ("", [])
    match verb:
        case "new":
            return _link_new(rest)
        case "ls" | "list":
            _, options = _options(rest, valued=(), flags=("--json",), most=0)
            return ListInvitations("--json" in options)
        case "revoke":
            positional, options = _options(rest, valued=(), flags=("--kick",), most=1)
            if positional:
                return RevokeInvitation(positional[0], "--kick" in options)
        case "rotate":
            positional, options = _options(rest, valued=(), flags=("--kick",), most=1)
            return RotateInvitations(_role(positional[0]) if positional else None, "--kick" in options)
    raise UsageError("usage: link new|ls|revoke NUMBER|rotate [rw|ro]", code="command_line")


def _link_new(words: list[str]) -> NewInvitation:
    valued = ("--role", "--expire", "--uses", "--label")
    _, options = _options(words, valued=valued, flags=("--once", "--ask", "--no-ask", "--spoken", "--json"), most=0)
    uses: int | None = 1 if "--once" in options else None
    if "--uses" in options:
        uses = whole_number(options["--uses"], least=1, most=_MAX_USES)
        if uses is None:
            raise UsageError(f"bad --uses {options['--uses'][:30]!r}: 1 to {_MAX_USES}", code="command_line")
    if "--spoken" in options and ("--expire" in options or uses is not None):
        raise UsageError("a spoken code has one use and ten minutes, nothing else", code="command_line")
    label = safe_line(options.get("--label", ""))[:_MAX_LABEL_CHARS]
    role = options.get("--role", "ro")
    publishes = role == "publish"
    return NewInvitation(
        role=Role.READ_ONLY if publishes else _role(role, may_be_owner=True),
        publishes=publishes,
        label=label,
        expire_s=parse_duration(options["--expire"]) if "--expire" in options else None,
        uses=uses,
        asks=True if "--ask" in options else False if "--no-ask" in options else None,
        is_spoken="--spoken" in options,
        as_json="--json" in options,
    )


def _options(
    words: list[str], *, valued: Collection[str], flags: Collection[str], most: int
) -> tuple[list[str], dict[str, str]]:
    """Return the positional words, at most `most`, and the options with their values."""
    positional: list[str] = []
    options: dict[str, str] = {}
    rest = iter(words)
    for word in rest:
        name, equals, value = word.partition("=")
        if word in flags:
            options[word] = ""
        elif name in valued:
            given = value if equals else next(rest, None)
            if given is None:
                raise UsageError(f"{name} needs a value", code="command_line")
            options[name] = given
        elif word.startswith("--") or len(positional) == most:
            raise UsageError(f"unexpected word {word[:60]!r}", code="command_line")
        else:
            positional.append(word)
    return positional, options


def _role(word: str, *, may_be_owner: bool = False) -> Role:
    roles = [Role.READ_WRITE, Role.READ_ONLY, *([Role.OWNER] if may_be_owner else [])]
    if word not in [each.value for each in roles]:
        text = " or ".join([*(each.value for each in roles), *(["publish"] if may_be_owner else [])])
        raise UsageError(f"a role is {text}, not {word[:30]!r}", code="command_line")
    return Role(word)
