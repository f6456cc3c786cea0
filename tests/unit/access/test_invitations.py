"""The table of links: what each gives, how long, how often; and that tokens stay where they belong."""

from __future__ import annotations

import pytest

from pairterm.access.invitations import MAX_LINKS, SPOKEN_S, InvitationTable, nameplate_of
from pairterm.access.spoken_words import WORDS
from pairterm.access.tokens import Tokens, new_tokens, token_hash
from pairterm.errors import UsageError
from pairterm.types import Role


def test_a_link_for_a_time_is_none_from_that_moment_on() -> None:
    table = InvitationTable(new_tokens())
    link, token = table.new(Role.READ_ONLY, expires_s=100.0)
    assert table.find(token_hash(token), 99.9) == link
    assert table.find(token_hash(token), 100.0) is None, "found or not, whether or not anybody has cleaned up"
    assert table.expire(100.0) == [link]
    assert table.find(token_hash(token), 99.0) is None


def test_a_link_for_two_uses_is_gone_after_them() -> None:
    table = InvitationTable(new_tokens())
    link, token = table.new(Role.READ_WRITE, uses=2)
    assert not table.spend(link.number)
    assert table.spend(link.number)
    assert table.find(token_hash(token), 0.0) is None


def test_rotating_one_link_leaves_the_other() -> None:
    tokens = new_tokens()
    table = InvitationTable(tokens)
    table.rotate(Role.READ_WRITE)
    assert table.find(token_hash(tokens.read_write), 0.0) is None
    assert table.find(token_hash(tokens.read_only), 0.0) is not None
    found = table.find(token_hash(table.first_token(Role.READ_WRITE)), 0.0)
    assert found is not None
    assert found.role is Role.READ_WRITE


def test_without_a_link_to_type_by_no_hash_gives_that_role() -> None:
    tokens = new_tokens()
    table = InvitationTable(Tokens(read_write="", read_only=tokens.read_only))
    assert [each.role for each in table.all()] == [Role.READ_ONLY]
    assert table.find(token_hash(""), 0.0) is None


def test_a_token_is_in_no_repr_and_kept_for_the_first_two_only() -> None:
    table = InvitationTable(new_tokens())
    link, token = table.new(Role.READ_ONLY, label="class")
    assert token not in repr(table.all())
    assert link.token == ""
    for role in (Role.READ_WRITE, Role.READ_ONLY):
        assert table.first_token(role) not in repr(table.all())


def test_there_are_only_so_many_links() -> None:
    table = InvitationTable(new_tokens())
    for _ in range(MAX_LINKS - 2):
        table.new(Role.READ_ONLY)
    with pytest.raises(UsageError, match="revoke one first"):
        table.new(Role.READ_ONLY)


def test_a_spoken_code_can_be_said_and_lives_ten_minutes_for_one() -> None:
    table = InvitationTable(new_tokens())
    link, code = table.new_spoken(Role.READ_WRITE, 50.0)
    assert nameplate_of(code) == link.nameplate == code.split("-")[0]
    assert (link.expires_s, link.uses_left, link.asks) == (50.0 + SPOKEN_S, 1, True)
    assert table.kill_spoken(link.nameplate) == link
    assert table.find(token_hash(code), 51.0) is None
    assert table.kill_spoken("") is None


def test_the_words_are_256_and_look_like_codes() -> None:
    assert len(set(WORDS)) == 256
    assert all(nameplate_of(f"7-{word}-{word}") == "7" for word in WORDS)
    assert not nameplate_of("rw-aaaaaaaaaaaaaaaaaaaaaaaaaa")


def test_every_link_is_compared_whatever_is_presented(monkeypatch: pytest.MonkeyPatch) -> None:
    """T2: how long it takes tells neither how much of a hash was right nor which link it is."""
    table = InvitationTable(new_tokens())
    for _ in range(5):
        table.new(Role.READ_ONLY)
    compared: list[bytes] = []

    def compare(kept: bytes, presented: bytes) -> bool:
        compared.append(kept)
        return kept == presented

    monkeypatch.setattr("pairterm.access.invitations.secrets.compare_digest", compare)
    hashes = [each.token_hash for each in table.all()]
    for presented in (hashes[0], hashes[-1], hashes[0][:-1] + b"?", bytes(32)):
        compared.clear()
        table.find(presented, 0.0)
        assert compared == hashes
