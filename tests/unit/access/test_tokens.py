"""Tokens: their form, that the two of a session tell nothing of each other, and that no text shows them."""

from __future__ import annotations

import hashlib
import re

import pytest

from pairterm.access.invitations import InvitationTable, nameplate_of
from pairterm.access.tokens import HASH_BYTES, Tokens, draw_token, is_sealed, looks_like_token, new_tokens, token_hash
from pairterm.types import Role


def role_of(table: InvitationTable, presented: bytes) -> Role | None:
    link = table.find(presented, 0.0)
    return link.role if link is not None else None


def test_a_token_has_160_bits_and_says_what_it_is() -> None:
    drawn = [new_tokens() for _ in range(50)]
    for tokens in drawn:
        assert re.fullmatch("rw-[a-z2-7]{32}", tokens.read_write)
        assert re.fullmatch("ro-[a-z2-7]{32}", tokens.read_only)
        assert tokens.read_write[3:] != tokens.read_only[3:]
        assert looks_like_token(tokens.read_write)
    assert len({each for tokens in drawn for each in (tokens.read_write, tokens.read_only)}) == 100


def test_a_token_fits_the_seal_that_it_was_drawn_under_and_no_other() -> None:
    """Its holder, who does not know the seal, can't make one that it fits."""
    tokens, other = new_tokens(), new_tokens()
    later = draw_token(Role.READ_ONLY, tokens.seal)
    for token in (tokens.read_write, tokens.read_only, tokens.read_only.upper(), later):
        assert is_sealed(token, tokens.seal)
        assert not is_sealed(token, other.seal)
        assert not is_sealed(token, b"")
        assert not is_sealed(token, tokens.seal + b"\0")
        assert not is_sealed(token[:-1] + ("a" if token[-1].lower() != "a" else "b"), tokens.seal)
    assert not is_sealed("rw" + tokens.read_only[2:], tokens.seal), "the role is sealed, too"
    for text in ("", "7-apple-arrow", "rw-", "ä" * 35):
        assert not is_sealed(text, tokens.seal)
    assert tokens.read_write[3:19] != tokens.read_only[3:19], "drawn apart"


@pytest.mark.parametrize(
    "text", ["", "rw-", "rw-" + "a" * 31, "rw-" + "a" * 33, "rx-" + "a" * 32, "rw-" + "A" * 32, "rw-" + "a" * 32 + "\n"]
)
def test_what_is_no_token_does_not_look_like_one(text: str) -> None:
    assert not looks_like_token(text)


def test_tokens_are_not_shown_by_any_of_pythons_ways() -> None:
    tokens = new_tokens()
    for text in (repr(tokens), str(tokens), f"{tokens}", repr([tokens]), repr({"tokens": tokens})):
        assert tokens.read_write not in text
        assert tokens.read_only not in text
        assert repr(tokens.seal)[2:-1] not in text


def test_the_hash_is_sha256_of_any_text() -> None:
    assert token_hash("rw-x") == hashlib.sha256(b"rw-x").digest()
    for text in ("", "ä", "\udc80", "x" * 10_000, "\0"):
        assert len(token_hash(text)) == HASH_BYTES


def test_a_link_in_capitals_is_the_same() -> None:
    """A telephone's keyboard begins with one: `7-Apple-River`."""
    tokens = new_tokens()
    assert token_hash(tokens.read_write.upper()) == token_hash(tokens.read_write)
    assert token_hash("7-Apple-River") == token_hash("7-apple-river")
    assert nameplate_of("7-Apple-Rover") == "7", "wrong words are counted however they are written"


def test_the_role_comes_from_the_table_and_never_from_the_prefix() -> None:
    tokens = new_tokens()
    table = InvitationTable(tokens)
    assert role_of(table, token_hash(tokens.read_write)) is Role.READ_WRITE
    assert role_of(table, token_hash(tokens.read_only)) is Role.READ_ONLY
    assert role_of(table, token_hash("rw-" + tokens.read_only[3:])) is None
    assert role_of(table, b"") is None
    assert role_of(InvitationTable(Tokens("", "")), token_hash(tokens.read_write)) is None
    forged = Tokens(read_write="ro-named", read_only="rw-named")
    assert role_of(InvitationTable(forged), token_hash("rw-named")) is Role.READ_ONLY
