"""The channels of `wait-for`: a wake-up is kept, locks pass in order, and nothing is left behind."""

from __future__ import annotations

import pytest

from pairterm.errors import UsageError
from pairterm.session.wait_channels import MAX_CHANNELS, MAX_WAITERS, WaitChannels


def test_a_wake_up_reaches_all_who_wait_and_no_later_one() -> None:
    channels: WaitChannels[int] = WaitChannels()
    assert not channels.wait("made", 1)
    assert not channels.wait("made", 2)
    assert channels.wake("made") == [1, 2]
    assert not channels.wait("made", 3)


def test_a_wake_up_that_nobody_waits_for_is_kept_once() -> None:
    channels: WaitChannels[int] = WaitChannels()
    assert channels.wake("made") == channels.wake("made") == []
    assert channels.wait("made", 1)
    assert not channels.wait("made", 1)


def test_a_lock_passes_to_those_who_wait_in_their_order() -> None:
    channels: WaitChannels[int] = WaitChannels()
    assert channels.lock("door", 1)
    assert not channels.lock("door", 2)
    assert not channels.lock("door", 3)
    assert channels.unlock("door") == [2]
    assert channels.unlock("door") == [3]
    assert channels.unlock("door") == []
    with pytest.raises(UsageError, match="channel door not locked"):
        channels.unlock("door")


def test_a_waiter_that_has_gone_is_not_woken() -> None:
    channels: WaitChannels[int] = WaitChannels()
    channels.lock("door", 1)
    channels.lock("door", 2)
    channels.wait("door", 2)
    channels.forget(2)
    assert channels.unlock("door") == []
    assert channels.wake("door") == []


def test_channels_and_waiters_are_bounded_and_none_is_left_behind() -> None:
    channels: WaitChannels[int] = WaitChannels()
    for number in range(2 * MAX_CHANNELS):
        channels.wake(str(number % MAX_CHANNELS))
    with pytest.raises(UsageError, match="too many channels"):
        channels.wait("another", 1)
    with pytest.raises(UsageError, match="a channel has a name"):
        WaitChannels[int]().wake("x" * 101)
    for number in range(MAX_CHANNELS):
        assert channels.wait(str(number), 1)
    for number in range(MAX_WAITERS):
        assert not channels.wait("one", number)
    with pytest.raises(UsageError, match="too many wait"):
        channels.wait("one", -1)
    assert len(channels.wake("one")) == MAX_WAITERS
