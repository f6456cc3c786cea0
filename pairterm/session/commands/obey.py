"""Carrying out a command: each kind of command has its function in the file of its subject. Effects out."""

from __future__ import annotations

from collections.abc import Callable

from pairterm.session.commands.command_types import (
    AnswerRequest,
    Command,
    DetachClients,
    GiveKeyboard,
    GrantRole,
    Kick,
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
    WindowCommand,
)
from pairterm.session.commands.invitations import (
    list_invitations,
    new_invitation,
    revoke_invitation,
    rotate_invitations,
    show_links,
)
from pairterm.session.commands.keyboard import give_keyboard, pass_keyboard, request_keyboard, take_keyboard
from pairterm.session.commands.look_types import Follow, Gather, SetWindow
from pairterm.session.commands.looks import follow, gather, set_window
from pairterm.session.commands.option_table import set_option, show_options
from pairterm.session.commands.pause_and_panic import panic, pause
from pairterm.session.commands.people import (
    detach_clients,
    grant_role,
    kick,
    list_bans,
    list_clients,
    rename,
    unban,
)
from pairterm.session.commands.recording import record
from pairterm.session.commands.requests import answer_request
from pairterm.session.commands.result import CommandResult, CommandSender
from pairterm.session.commands.talk import send_chat, show_chat
from pairterm.session.commands.type_keys import type_keys
from pairterm.session.commands.window_commands import obey_window_command
from pairterm.session.session_parts import SessionParts

__all__ = ["obey"]


def obey(parts: SessionParts, command: Command, sender: CommandSender, now_s: float) -> CommandResult:
    """Carry out a command that its sender may give. `KillSession` is the core's own.

    Raises:
        UsageError: It can't be done; nothing is done.
    """
    return _FUNCTIONS[type(command)](parts, command, sender, now_s)


_FUNCTIONS: dict[type, Callable[..., CommandResult]] = {
    SetOption: set_option,
    ShowOptions: show_options,
    DetachClients: detach_clients,
    WindowCommand: obey_window_command,
    ListClients: list_clients,
    GrantRole: grant_role,
    Kick: kick,
    ListBans: list_bans,
    Unban: unban,
    Rename: rename,
    SendChat: send_chat,
    SendKeys: type_keys,
    ShowChat: show_chat,
    Panic: panic,
    Pause: pause,
    Record: record,
    RequestKeyboard: request_keyboard,
    GiveKeyboard: give_keyboard,
    PassKeyboard: pass_keyboard,
    TakeKeyboard: take_keyboard,
    AnswerRequest: answer_request,
    NewInvitation: new_invitation,
    ListInvitations: list_invitations,
    RevokeInvitation: revoke_invitation,
    RotateInvitations: rotate_invitations,
    ShowLinks: show_links,
    Follow: follow,
    Gather: gather,
    SetWindow: set_window,
}
