"""The requests of `wait-for`: the owner's processes wait on the channels of their session, wake and lock them."""

from __future__ import annotations

import shlex

from pairterm.errors import UsageError
from pairterm.host.viewer_link import Peer
from pairterm.session.wait_channels import WaitChannels

__all__ = ["WaitRequests"]


class WaitRequests:
    """The channels of a session, and the peers that wait on them."""

    def __init__(self) -> None:
        self._channels: WaitChannels[Peer] = WaitChannels()

    def forget(self, peer: Peer) -> None:
        """Forget a peer whose link has ended."""
        self._channels.forget(peer)

    def take(self, peer: Peer, line: str) -> tuple[str, bool] | None:
        """Run `wait-for`, and answer those who wait no longer; None: the peer waits."""
        _, option, channel = (*line.split(" ", 2), "", "")[:3]
        try:
            match option:
                case "-L" if not self._channels.lock(channel, peer):
                    return None
                case "-W" if not self._channels.wait(channel, peer):
                    return None
                case "-S" | "-U":
                    self._let_go(option, channel)
        except UsageError as error:
            return error.message, True
        return "", False

    def take_at_prompt(self, line: str) -> str | None:
        """Run `wait-for -S` or `-U`, which do not wait, from an owner's terminal. Return the message for them.

        None: the line is another command.
        """
        try:
            words = shlex.split(line)
            match words:
                case ["wait-for" | "wait", "-S" | "-U" as option, channel]:
                    self._let_go(option, channel)
                    return ""
                case ["wait-for", *_]:
                    return "at the prompt: wait-for -S CHANNEL, or -U CHANNEL; in a shell, pairterm wait-for waits"
        except UsageError as error:
            return error.message
        except ValueError:
            pass  # The session says what is wrong with the quotes.
        return None

    def _let_go(self, option: str, channel: str) -> None:
        """Wake or unlock a channel, and answer the peers that go on."""
        woken = self._channels.wake(channel) if option == "-S" else self._channels.unlock(channel)
        for each in woken:
            each.answer("")
