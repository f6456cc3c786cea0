"""What a gateway tells hosts of the key that a guest proved to have: no more than a host takes."""

from __future__ import annotations

import asyncssh
import pytest

from pairterm.access.authorized_keys import fingerprint_of
from pairterm.access.proved_key import ProvedKey
from pairterm.gateway.ssh.proved_keys import proved_by
from pairterm.link.messages import MAX_KEY_CHARS


@pytest.mark.parametrize("kind", ["ssh-ed25519", "ecdsa-sha2-nistp256"])
def test_a_proved_key_is_told_as_it_is(kind: str) -> None:
    key = asyncssh.generate_private_key(kind)
    proved = proved_by(key.public_data)
    assert fingerprint_of(proved.key) == key.get_fingerprint()


def test_a_key_of_a_kind_that_hosts_do_not_know_is_no_key() -> None:
    """asyncssh takes ed448. The host took it for a gateway's mistake and dropped the link, with all guests on it."""
    assert proved_by(asyncssh.generate_private_key("ssh-ed448").public_data) == ProvedKey()


def test_a_key_that_is_longer_than_a_message_takes_is_no_key() -> None:
    modulus = (1 << 32_767) + 1
    exponent = 65_537
    parts = [b"ssh-rsa", exponent.to_bytes(3, "big"), b"\0" + modulus.to_bytes(4096, "big")]
    data = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    assert len(data) * 4 // 3 > MAX_KEY_CHARS
    assert proved_by(data) == ProvedKey()
