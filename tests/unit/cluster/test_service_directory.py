"""Unit tests of a gateway's copy of the directory."""

import msgspec
import pytest

from pairterm.cluster import service_directory
from pairterm.cluster.service_directory import (
    GATEWAY_NAME_FORM,
    InvitationEntry,
    ServiceDirectory,
    SessionEntry,
    draw_gateway_name,
    in_turn,
    name_hash,
)
from pairterm.errors import PeerError

_OWN, _A, _B = "a" * 16, "b" * 16, "c" * 16
_HASH, _OTHER_HASH = b"h" * 32, b"o" * 32


def _entry(gateway: str, number: int = 1, token_hash: bytes = _HASH, **fields: object) -> SessionEntry:
    entry = SessionEntry(bytes([number]) * 16, gateway, (InvitationEntry(token_hash, "rw"),))
    return msgspec.structs.replace(entry, **fields)


def _directory(*gateways: str) -> ServiceDirectory:
    directory = ServiceDirectory(_OWN)
    for each in gateways:
        directory.gateway_came(each)
    return directory


def test_a_session_is_found_by_the_hash_of_its_token_by_its_names_and_by_the_numbers_of_its_codes() -> None:
    directory = _directory(_A)
    entry = _entry(_A, names=(name_hash("alice/work"),), nameplates=("17",))
    directory.announce(entry, 1)
    assert directory.with_token(_HASH) == directory.with_name("alice/work") == directory.with_nameplate("17") == [entry]
    assert directory.with_token(_OTHER_HASH) == directory.with_name("work") == directory.with_nameplate("18") == []
    assert directory.takes_keys


def test_a_newer_announcement_replaces_the_older_one_and_what_it_was_found_by() -> None:
    directory = _directory(_A)
    directory.announce(_entry(_A, names=(name_hash("old"),)), 1)
    newer = _entry(_A, token_hash=_OTHER_HASH)
    directory.announce(newer, 2)
    assert directory.with_token(_HASH) == directory.with_name("old") == []
    assert directory.with_token(_OTHER_HASH) == [newer]
    assert not directory.takes_keys
    directory.announce(_entry(_A), 1)
    assert directory.with_token(_OTHER_HASH) == [newer], "an older announcement came late"


def test_a_gateway_that_is_gone_takes_its_entries_with_it_and_can_announce_nothing() -> None:
    directory = _directory(_A, _B)
    directory.announce(_entry(_A), 1)
    directory.announce(_entry(_B, 2), 2)
    directory.gateway_went(_A)
    assert directory.with_token(_HASH) == [_entry(_B, 2)]
    directory.announce(_entry(_A), 3)
    assert directory.with_token(_HASH) == [_entry(_B, 2)]
    assert directory.gateways == {_OWN, _B}
    assert directory.sessions_elsewhere == len(directory) == 1


def test_the_newest_announcement_is_tried_first_and_a_session_whose_host_is_away_last() -> None:
    directory = _directory(_A, _B)
    directory.announce(_entry(_A), 1)
    directory.announce(_entry(_B, 2), 2)
    directory.announce(_entry(_OWN, 3, is_away=True), 3)
    assert [each.gateway for each in directory.with_token(_HASH)] == [_B, _A, _OWN]


def test_an_entry_that_is_withdrawn_is_found_no_more() -> None:
    directory = _directory(_A)
    directory.announce(_entry(_A, nameplates=("5",)), 1)
    directory.withdraw(_A, _entry(_A).session_id)
    directory.withdraw(_A, _entry(_A).session_id)
    assert directory.with_token(_HASH) == directory.with_nameplate("5") == []
    assert len(directory) == 0


def test_one_gateway_cannot_fill_the_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service_directory, "MAX_ENTRIES_OF_GATEWAY", 2)
    monkeypatch.setattr(service_directory, "MAX_GATEWAYS", 2)
    directory = _directory(_A)
    directory.announce(_entry(_A, 1), 1)
    directory.announce(_entry(_A, 2), 2)
    directory.announce(_entry(_A, 2), 3)
    with pytest.raises(PeerError):
        directory.announce(_entry(_A, 3), 4)
    with pytest.raises(PeerError):
        directory.gateway_came(_B)


def test_who_listens_is_told_of_each_entry() -> None:
    directory = _directory(_A)
    heard: list[SessionEntry] = []
    directory.on_change.append(heard.append)
    directory.announce(_entry(_A), 1)
    assert heard == [_entry(_A)]


def test_a_gateway_draws_another_name_at_each_start() -> None:
    first, second = draw_gateway_name(), draw_gateway_name()
    assert first != second
    assert msgspec.json.decode(msgspec.json.encode(first), type=service_directory.GatewayName) == first
    assert GATEWAY_NAME_FORM.startswith(r"\A")


def test_an_entry_of_a_foreign_form_is_refused() -> None:
    """Entries come from other gateways: each field has a form and a bound."""
    good = msgspec.msgpack.encode(_entry(_A, nameplates=("17",), names=(name_hash("x"),)))
    assert msgspec.msgpack.decode(good, type=SessionEntry) == _entry(_A, nameplates=("17",), names=(name_hash("x"),))
    for bad in (
        _entry("UPPER"),
        _entry(_A, token_hash=b"short"),
        _entry(_A, nameplates=("1234",)),
        _entry(_A, names=(b"n" * 32,) * 5),
        _entry(_A, session_id=b"x"),
    ):
        with pytest.raises(msgspec.ValidationError):
            msgspec.msgpack.decode(msgspec.msgpack.encode(bad), type=SessionEntry)


def test_the_announcements_of_one_session_are_found_by_its_mark() -> None:
    directory = _directory(_A, _B)
    old, new = _entry(_A, mark=b"m" * 32, is_away=True), _entry(_B, 2, mark=b"m" * 32)
    directory.announce(old, 1)
    directory.announce(new, 2)
    directory.announce(_entry(_B, 3), 3)
    assert directory.with_mark(b"m" * 32) == [new, old]
    assert directory.with_mark(b"") == []
    directory.withdraw(_A, old.session_id)
    assert directory.with_mark(b"m" * 32) == [new]


def test_a_gateway_that_announces_a_lot_does_not_take_the_turns_of_the_others() -> None:
    evil = [_entry(_A, number) for number in range(1, 10)]
    honest = [_entry(_B, 10), _entry(_OWN, 11), _entry(_B, 12)]
    assert in_turn([*evil, *honest], 4) == [evil[0], honest[0], honest[1], evil[1]]
    assert in_turn(evil, 4) == evil[:4]
    assert in_turn([], 4) == []
