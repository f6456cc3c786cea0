"""The messages by which a guest goes back in time: the host plays the recording for them, on a screen of their own.

The guest's input meanwhile goes to the player and nowhere else. It has a message of its own, so no
mistake with an `Input` can bring it to a program of the session.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from pairterm.link.messages.clients import MAX_INPUT_BYTES
from pairterm.link.messages.fields import Client, Message, Pane

__all__ = ["GoBack", "Replay", "ReplayKeys"]


class GoBack(Message, frozen=True, tag="go-back"):
    """The client wants to go back in time. The host answers with `Replay`, or says why not."""

    client: Client


class ReplayKeys(Message, frozen=True, tag="replay-keys"):
    """The client typed while they are shown the replay."""

    client: Client
    data: Annotated[bytes, Meta(max_length=MAX_INPUT_BYTES)]


class Replay(Message, frozen=True, tag="replay"):
    """The client is shown the replay from now on: the pictures of this pane. None: they see the session again."""

    client: Client
    pane: Pane | None
