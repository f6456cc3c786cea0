"""The sender of a command, and its result."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from pairterm.session.effects import Effect, Tell
from pairterm.types import ClientId, PaneId, Role

__all__ = ["CommandResult", "CommandSender"]


class CommandSender(msgspec.Struct, frozen=True):
    """The sender of a command: a client with its role, or with `client` None the owner's own command line."""

    client: ClientId | None
    role: Role
    pane: PaneId | None = None
    """The pane that a shell runs in which gives the command; None: no pane of this session."""
    is_remote: bool = False
    """The client came by a gateway."""

    @property
    def is_owner(self) -> bool:
        """The owner gives the command: at a terminal, in the shell, or by a gateway."""
        return self.role is Role.OWNER

    @property
    def sees_hidden(self) -> bool:
        """The sender may learn of hidden windows, and of what happens in a pause."""
        return self.is_owner and not self.is_remote


@dataclass(frozen=True, slots=True)
class CommandResult:
    """The effects of a command, and the answer to its sender; with a title the answer is a page."""

    effects: list[Effect]
    answer: str = ""
    title: str = ""
    items: tuple[str, ...] = ()
    """As `Tell` has them, like the fields below."""
    copies: tuple[str, ...] = ()
    confirms: str = ""
    starts_at_end: bool = False

    def for_client(self, client: ClientId) -> Tell:
        """Return the answer as what a client is told."""
        return Tell(
            client, self.answer, self.title, self.items, self.copies, self.confirms, starts_at_end=self.starts_at_end
        )
