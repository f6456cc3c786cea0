"""Links by which pair-ls publishes an editor's files: they open nothing to look at."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from pairterm.access.tokens import token_hash
from pairterm.errors import UsageError
from pairterm.session.admission_settings import AdmitMode
from pairterm.session.people import Origin
from tests.unit.session.sessions import Session

ADDRESS = "203.0.113.7"


def publish_token(session: Session) -> str:
    token: str = json.loads(session.order("link new --role publish --json"))["user"]
    return token


def may_publish(session: Session, token: str) -> bool:
    try:
        session.parts.admission.publisher_terms(token_hash(token), ADDRESS, session.now_s)
    except UsageError:
        return False
    return True


def test_a_link_to_publish_lets_nobody_in_and_a_guests_link_publishes_nothing() -> None:
    session = Session()
    token = publish_token(session)
    assert token.startswith("pb-")
    assert may_publish(session, token)
    assert not session.is_in(session.guest(token))
    for other in (session.tokens.read_write, session.tokens.read_only, "pb-" + "a" * 32):
        assert not may_publish(session, other)


def test_a_link_that_was_revoked_publishes_nothing() -> None:
    session = Session()
    token = publish_token(session)
    session.order("link revoke 3")
    assert not may_publish(session, token)


@pytest.mark.parametrize("mode", [AdmitMode.KEY, AdmitMode.BOTH])
def test_where_guests_need_a_key_nobody_publishes(mode: AdmitMode) -> None:
    """pair-ls has no SSH key."""
    session = Session()
    token = publish_token(session)
    admission = session.parts.admission
    admission.settings = replace(admission.settings, mode=mode)
    assert not may_publish(session, token)


def test_a_banned_address_publishes_nothing() -> None:
    session = Session()
    token = publish_token(session)
    session.parts.admission.ban(Origin(address=ADDRESS, transport="ssh"), "address")
    assert not may_publish(session, token)


def test_pair_ls_is_never_made_to_knock() -> None:
    session = Session()
    session.order("set ask on")
    token = publish_token(session)
    assert may_publish(session, token)
    (row,) = [each for each in json.loads(session.order("link ls --json")) if each["role"] == "publish"]
    assert not row["asks"]
    for option in ("--ask", "--spoken"):
        with pytest.raises(UsageError):
            session.order(f"link new --role publish {option}")
    for line in ("grant 1 publish", "link rotate publish"):
        with pytest.raises(UsageError):
            session.order(line)
