"""Logins that happened elsewhere: whose they are, by the rules of a login here."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pairterm.access.host_login import host_user
from pairterm.access.verdicts import AskKey
from pairterm.config import GatewayConfig
from pairterm.gateway.hosts.authorized_hosts import HostAdmission
from pairterm.gateway.ssh.signed_logins import (
    is_key,
    is_key_asked_for,
    is_signed,
    owner_of_login,
    proved_by_login,
    session_key_signed,
)
from pairterm.outbound.ssh_login import SessionKey
from tests.integration.key_guests import key_line, new_key, signed_login

SESSION = SessionKey()
USER = host_user(SESSION.public)
KEY, AUTHORITY = new_key(), new_key()
KEYS = {each: new_key(each) for each in ("ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256")}


def hosts(path: Path, line: str) -> HostAdmission:
    (path / "authorized_hosts").write_text(line + "\n")
    return HostAdmission(GatewayConfig().hosts, path, max_sessions=9)


def test_an_owner_is_known_by_the_key_that_signed_the_sessions_key(tmp_path: Path) -> None:
    admission = hosts(tmp_path, f'name-prefix="team" {key_line(KEY)} laptop')
    owner = owner_of_login(admission, signed_login(KEY, USER), SESSION.public)
    assert owner is not None
    assert (owner.id, owner.word) == (f"key {KEY.get_fingerprint()}", "team")
    wrongs = [
        signed_login(KEY, "host"),
        signed_login(KEY, host_user(SessionKey().public)),
        signed_login(new_key(), USER),
        replace(signed_login(new_key(), USER), key=KEY.public_data),
    ]
    assert [owner_of_login(admission, each, SESSION.public) for each in wrongs] == [None] * 4


@pytest.mark.parametrize(
    ("line", "principals", "is_allowed"),
    [
        ("cert-authority", ["host"], True),
        ("cert-authority", ["somebody"], False),
        ("cert-authority", [], False),
        ('cert-authority,principals="dev"', ["dev"], True),
        ('cert-authority,principals="dev"', ["host"], False),
    ],
)
def test_a_host_with_a_certificate_is_whoever_its_authority_says(
    tmp_path: Path, line: str, principals: list[str], is_allowed: bool
) -> None:
    admission = hosts(tmp_path, f"{line} {key_line(AUTHORITY)} ca")
    certificate = AUTHORITY.generate_user_certificate(KEY, "ana", principals=principals)
    owner = owner_of_login(admission, signed_login(KEY, USER, certificate=certificate), SESSION.public)
    assert (owner.id if owner is not None else "") == (f"ca {AUTHORITY.get_fingerprint()} ana" if is_allowed else "")


def test_a_key_that_may_be_any_key_has_to_sign_all_the_same() -> None:
    asked = AskKey(frozenset(), (), takes_any=True)
    proved = proved_by_login(signed_login(KEY, "u"), "u", asked)
    assert proved is not None
    assert proved.key == key_line(KEY)
    assert proved_by_login(signed_login(KEY, "v"), "u", asked) is None


def test_old_signatures_of_rsa_keys_prove_nothing() -> None:
    """SHA-1: a client may not sign so at a login here either."""
    key = new_key("ssh-rsa")
    login = signed_login(key, "u")
    assert is_signed(login, "u")
    old = replace(login, algorithm="ssh-rsa")
    old = replace(old, signature=key.sign(old.signed("u"), b"ssh-rsa"))
    assert not is_signed(old, "u")


@pytest.mark.parametrize(
    "data",
    [b"", b"\0", b"\0\0\0\x0bssh-ed25519", b"\xff" * 40, KEY.public_data[:-1]],
    ids=["nothing", "no length", "no key", "no text", "a part"],
)
def test_what_is_no_key_and_no_signature_is_neither(data: bytes) -> None:
    asked = AskKey(frozenset({KEY.get_fingerprint()}), (f"cert-authority {key_line(AUTHORITY)}",), takes_any=True)
    assert not is_key_asked_for(data, asked)
    assert not is_signed(replace(signed_login(KEY, "u"), key=data), "u")
    assert not is_signed(replace(signed_login(KEY, "u"), signature=data), "u")
    assert not session_key_signed(SESSION.public, b"text", data)
    assert not session_key_signed(data, b"text", SESSION.sign(b"text"))


@pytest.mark.parametrize("kind", ["ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256"])
@given(is_certified=st.booleans(), is_of_key=st.booleans(), place=st.floats(0, 0.999), new=st.binary(max_size=6))
def test_altered_keys_certificates_and_signatures_are_refused_and_fail_nowhere(
    kind: str, is_certified: bool, is_of_key: bool, place: float, new: bytes
) -> None:
    """A point that is on no curve, or a name that is not UTF-8, was an error of ours: it ended the gateway's link."""
    key = KEYS[kind]
    certificate = AUTHORITY.generate_user_certificate(key, "ana", principals=["ours"]) if is_certified else None
    login = signed_login(key, "u", certificate=certificate)
    line = f'cert-authority,principals="ours" {key_line(AUTHORITY)}'
    asked = AskKey(frozenset({key.get_fingerprint()}), (line,))
    assert is_signed(login, "u")
    assert proved_by_login(login, "u", asked) is not None
    whole = login.key if is_of_key else login.signature
    at = int(place * len(whole))
    altered = (whole[:at] + new + whole[at + len(new) :])[: len(whole)] if new else whole[:at]
    is_key(altered)
    changed = replace(login, key=altered) if is_of_key else replace(login, signature=altered)
    assert (proved_by_login(changed, "u", asked) is not None) is (altered == whole)


def test_a_sessions_key_signs_its_text() -> None:
    assert session_key_signed(SESSION.public, b"text", SESSION.sign(b"text"))
    assert not session_key_signed(SESSION.public, b"other", SESSION.sign(b"text"))
    assert not session_key_signed(SessionKey().public, b"text", SESSION.sign(b"text"))
