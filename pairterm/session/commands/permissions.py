"""The right to give a command. A command is judged by its sender's role here, whatever the gateway or a view thinks.

The owner may give every command. A driver may give the keyboard of their window away. Everybody
may look, chat, take a name and ask for the keyboard.
"""

from __future__ import annotations

from pairterm.errors import UsageError
from pairterm.session.commands.command_types import (
    AnswerRequest,
    Command,
    GiveKeyboard,
    ListClients,
    PassKeyboard,
    Rename,
    RequestKeyboard,
    SendChat,
    ShowChat,
    ShowOptions,
    WindowCommand,
)
from pairterm.session.commands.look_types import Follow
from pairterm.session.commands.result import CommandSender
from pairterm.session.drivers import Drivers
from pairterm.types import Role

__all__ = ["check_permission"]

_FOR_ALL = (Follow, WindowCommand, ListClients, Rename, SendChat, ShowChat, RequestKeyboard, ShowOptions)
"""Commands about windows look at the rights of their sender themselves, because these depend on the window."""

_FOR_DRIVERS = (GiveKeyboard, PassKeyboard, AnswerRequest)
"""Commands that a driver may give too. Each one checks itself in which window they drive."""


def check_permission(drivers: Drivers, command: Command, sender: CommandSender) -> None:
    """Check that a sender may give a command.

    Raises:
        UsageError: They may not.
    """
    if sender.role is Role.OWNER or isinstance(command, _FOR_ALL):
        return
    if not (drivers.is_driving(sender.client) and isinstance(command, _FOR_DRIVERS)):
        raise UsageError("only the owner may do this", code="not_allowed")
