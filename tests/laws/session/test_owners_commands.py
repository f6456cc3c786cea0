"""Law 6, for commands: whoever came by a guest's link does nothing of the owner's, whatever they say by which door."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pairterm.session.effects import Admit, Closed, EndProgram, Refuse, SetRecording, WritePty
from pairterm.types import Role
from tests.unit.session.sessions import Session

_WHO = st.sampled_from(["1", "2", "3", "olga", "guest-2", "guest-3", "99"])
_LINES = st.one_of(
    st.builds(
        "{} {}".format,
        st.sampled_from(
            [
                "grant",
                "revoke",
                "kick",
                "give",
                "name ana",
                "accept",
                "accept-ro",
                "decline",
                "decline-ban",
                "grant --window 0",
                "kick --ban",
                "unban",
                "link revoke",
            ]
        ),
        _WHO,
    ),
    st.builds("grant {} {}".format, _WHO, st.sampled_from(["rw", "ro", "owner"])),
    st.builds("link new --role {}{}".format, st.sampled_from(["rw", "ro", "owner"]), st.sampled_from(["", " --json"])),
    st.sampled_from(
        [
            "pause",
            "pause off",
            "panic",
            "panic off",
            "take",
            "record",
            "record on",
            "kill-session",
            "kill",
            "bans",
            "links",
            "link ls",
            "link rotate",
            "link rotate owner",
            "detach-client -a",
            "set ask on",
            "set ask off",
            "set seat on",
            "set max-guests 0",
            "set admit key",
            "set call https://evil.example",
            "gather",
            "set follow owner",
            "set-window hidden on",
            "set confirm-enter off",
        ]
    ),
    st.text(max_size=40),
)
"""What only the owner may say, and noise."""


@given(
    st.sampled_from(["ssh", "join", "web", "local"]),
    st.sampled_from([Role.READ_WRITE, Role.READ_ONLY]),
    st.lists(_LINES, max_size=8),
)
def test_no_guest_does_an_owners_thing(transport: str, role: Role, lines: list[str]) -> None:
    """ "local": a gateway may claim that too. The host takes it for ssh, and here it would give nothing."""
    session = Session()
    session.owner()
    token = session.tokens.read_write if role is Role.READ_WRITE else session.tokens.read_only
    guest, other = session.guest(token, transport=transport), session.writer()
    parts = session.parts

    def state() -> tuple[object, ...]:
        people = [(each.role, each.window_roles, each.origin) for each in session.core.people.values()]
        facts = (parts.gate.is_paused, parts.gate.confirms_enter, parts.drivers.is_on, parts.notices.call_url)
        admission = parts.admission
        links = [(each.number, each.role, each.token_hash) for each in admission.invitations.all()]
        return people, facts, links, admission.settings, admission.is_locked, admission.bans, parts.recording.phase

    before = state()
    session.effects.clear()
    for line in lines:
        session.now_s += 60.0
        session.say(guest, line)
        assert state() == before, line
    for kind in (Admit, Closed, Refuse, EndProgram, SetRecording):
        assert not session.found(kind)
    assert not [each for each in session.found(WritePty) if role is Role.READ_ONLY]
    assert session.is_in(other)
    assert not any("ow-" in text or "rw-" in text for text in session.told(guest))
