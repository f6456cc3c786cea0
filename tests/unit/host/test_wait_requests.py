"""`wait-for` at the prompt: it wakes and unlocks the channels that the owner's processes wait on."""

from __future__ import annotations

from typing import cast

from pairterm.host.viewer_link import Peer
from pairterm.host.wait_requests import WaitRequests


class Waiter:
    """A process that waits for its answer."""

    def __init__(self) -> None:
        self.answers: list[str] = []

    def answer(self, text: str) -> None:
        """Keep the answer."""
        self.answers.append(text)


def test_the_prompt_wakes_and_unlocks_a_channel() -> None:
    waits = WaitRequests()
    waiter, locker, second = Waiter(), Waiter(), Waiter()
    assert waits.take(cast(Peer, waiter), "wait-for -W made") is None
    assert waits.take_at_prompt("wait-for -S made") == ""
    assert waiter.answers == [""]
    assert waits.take(cast(Peer, locker), "wait-for -L door") == ("", False)
    assert waits.take(cast(Peer, second), "wait-for -L door") is None
    assert waits.take_at_prompt("wait-for -U 'door'") == ""
    assert second.answers == [""]


def test_the_prompt_never_waits() -> None:
    waits = WaitRequests()
    assert waits.take_at_prompt("wait-for -U door") == "channel door not locked"
    for line in ("wait-for made", "wait-for -L made"):
        assert "pairterm wait-for waits" in (waits.take_at_prompt(line) or "")
    for line in ("new-window", "say wait-for", "wait-for 'made"):
        assert waits.take_at_prompt(line) is None
