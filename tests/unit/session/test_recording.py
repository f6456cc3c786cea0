"""`record`: the policy, what everybody is told, and the note in the status line."""

from __future__ import annotations

import pytest

from pairterm.access.tokens import new_tokens
from pairterm.errors import UsageError
from pairterm.session.effects import Admit, SetRecording, Tell
from pairterm.session.recording import RecordingPhase
from pairterm.types import ClientId, Role, Size
from tests.unit.session.sessions import core_of, visitor_of

SIZE = Size(rows=24, cols=80)


def test_everybody_is_told_at_the_start_and_at_joining_before_any_key() -> None:
    tokens = new_tokens()
    core = core_of("s", SIZE, tokens)
    guest = ClientId("1:1")
    core.join(guest, visitor_of(Role.READ_ONLY, tokens), SIZE, 1.0)
    effects, answer = core.owner_command("record on", 2.0)
    assert answer == "this session is recorded from now on"
    assert SetRecording(RecordingPhase.ON) in effects
    assert Tell(guest, "this session is recorded from now on") in effects
    assert core.visible.attendance([guest]).note == "● rec"
    later = core.join(ClientId("1:2"), visitor_of(Role.READ_WRITE, tokens), SIZE, 3.0)
    assert Tell(ClientId("1:2"), "this session is recorded") in later
    core.owner_command("record pause", 4.0)
    assert core.visible.attendance([guest]).note == "rec paused"
    core.owner_command("record off", 5.0)
    assert core.visible.attendance([guest]).note == ""


def test_only_the_owner_may_record() -> None:
    tokens = new_tokens()
    core = core_of("s", SIZE, tokens)
    guest = ClientId("1:1")
    core.join(guest, visitor_of(Role.READ_WRITE, tokens), SIZE, 1.0)
    assert core.command(guest, "record on", 2.0) == [Tell(guest, "only the owner may do this")]


def test_the_policy_decides() -> None:
    core = core_of("s", SIZE, new_tokens())
    assert core.record("ask", is_on=False, file="", has_input=False, now_s=1.0) == []
    assert core.record("off", is_on=False, file="", has_input=False, now_s=1.0) == []
    with pytest.raises(UsageError, match="recording is off"):
        core.owner_command("record", 2.0)
    effects = core.record("always", is_on=False, file="", has_input=False, now_s=3.0)
    assert SetRecording(RecordingPhase.ON) in effects
    for line in ("record off", "record pause", "record"):
        with pytest.raises(UsageError, match="always recorded"):
            core.owner_command(line, 4.0)


def test_the_gateways_policy_counts_too_and_the_gateway_hears_of_each_change() -> None:
    core = core_of("s", SIZE, new_tokens())
    core.recording.gateway_policy = "off"
    with pytest.raises(UsageError, match="the gateway takes no sessions that are recorded"):
        core.owner_command("record", 1.0)
    said = [core.recording.is_recorded]
    core.recording.gateway_policy = "always"
    assert Admit() in core.owner_command("record", 2.0)[0]
    said.append(core.recording.is_recorded)
    for line in ("record off", "record pause"):
        with pytest.raises(UsageError, match="the gateway takes only sessions that are recorded"):
            core.owner_command(line, 3.0)
    assert Admit() in core.recording_failed(4.0)
    said.append(core.recording.is_recorded)
    assert said == [False, True, False]


def test_words_of_the_command() -> None:
    core = core_of("s", SIZE, new_tokens())
    with pytest.raises(UsageError, match="nothing is recorded"):
        core.owner_command("record pause", 1.0)
    effects, _ = core.owner_command("record on --input '/tmp/a b.cast'", 2.0)
    assert SetRecording(RecordingPhase.ON, "/tmp/a b.cast", has_input=True) in effects
    core.owner_command("record pause", 3.0)
    with pytest.raises(UsageError, match="another file"):
        core.owner_command("record on other.cast", 4.0)
