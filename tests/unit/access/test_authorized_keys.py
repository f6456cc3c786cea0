"""Lists of keys: sshd's lines, our option, and a list that is not understood lets nobody in."""

from __future__ import annotations

import base64

import pytest

from pairterm.access.authorized_keys import KeyTable, fingerprint_of, parse_key_lines
from pairterm.access.key_urls import key_url
from pairterm.errors import UsageError
from pairterm.types import Role


def key(letter: str) -> str:
    blob = b"\0\0\0\x0bssh-ed25519\0\0\0\x20" + letter.encode() * 32
    return f"ssh-ed25519 {base64.b64encode(blob).decode()}"


A, B = key("a"), key("b")


def test_lines_with_and_without_options() -> None:
    text = f'# people\n\n{A} ana@laptop\nno-pty,role="ro",expiry-time="20300101Z" {B} bob\n'
    ana, bob = parse_key_lines(text, where="file")
    assert (ana.key, ana.name, ana.role, ana.expires_epoch_s) == (A, "ana@laptop", Role.READ_WRITE, None)
    assert (bob.key, bob.name, bob.role, bob.expires_epoch_s) == (B, "bob", Role.READ_ONLY, 1893456000.0)


def test_the_fingerprint_is_the_one_that_ssh_keygen_prints() -> None:
    public = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"
    assert fingerprint_of(public) == "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU"


@pytest.mark.parametrize(
    "line",
    [
        "nonsense",
        "ssh-ed25519",
        "ssh-ed25519 AAAA",
        "ssh-rsa " + A.split()[1],
        f'from="10.0.0.1" {A}',
        f'role="owner" {A}',
        f'expiry-time="soon" {A}',
        f'cert-authority,principals="a\\"b" {A}',
        f"{A}{'x' * 5000}",
        "ssh-dss AAAAB3NzaC1kc3M=",
    ],
)
def test_a_line_that_is_not_understood_is_an_error_that_names_it(line: str) -> None:
    with pytest.raises(UsageError, match="file, line 2"):
        parse_key_lines(f"{B}\n{line}\n", where="file")


def test_a_key_that_has_expired_is_none() -> None:
    table = KeyTable(parse_key_lines(f'expiry-time="20300101Z" {A} ana', where="file"))
    fingerprint = fingerprint_of(A)
    assert table.find(fingerprint, "", 1893455999.0) is not None
    assert table.find(fingerprint, "", 1893456000.0) is None
    assert table.lines(1893456000.0) == []


def test_an_authority_lets_in_what_it_signed_and_not_itself() -> None:
    table = KeyTable(parse_key_lines(f'cert-authority,principals="dev,ops" {A} the-ca', where="file"))
    fingerprint = fingerprint_of(A)
    assert table.find(fingerprint, "", 0.0) is None
    found = table.find("SHA256:other", fingerprint, 0.0)
    assert found is not None
    assert found.line == f'cert-authority,principals="dev,ops" {A}'


def test_a_gateway_is_told_neither_names_nor_roles() -> None:
    assert KeyTable(parse_key_lines(f'role="ro" {A} ana', where="file")).lines(0.0) == [A]


@pytest.mark.parametrize("name", ["", "../etc", "a/b", "a?b", "-x", "a" * 101, "a%2fb", "a\nb"])
def test_a_name_that_would_lead_elsewhere_is_none(name: str) -> None:
    with pytest.raises(UsageError):
        key_url("github", name, {})


def test_the_places_of_keys_can_be_ones_own_but_only_by_https() -> None:
    assert key_url("github", "ana", {}) == "https://github.com/ana.keys"
    assert key_url("srht", "ana", {}) == "https://meta.sr.ht/~ana.keys"
    assert key_url("gitlab", "ana", {"gitlab": "https://git.example.org/{}.keys"}) == "https://git.example.org/ana.keys"
    with pytest.raises(UsageError):
        key_url("gitlab", "ana", {"gitlab": "http://git.example.org/{}.keys"})
