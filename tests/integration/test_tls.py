"""The TLS certificate of the gateway: loading, renewal, and what is said about files that are wrong."""

from __future__ import annotations

import logging
import os
import shutil
import ssl
from pathlib import Path

import pytest

from pairterm.errors import UsageError
from pairterm.gateway.web.tls import Certificate, certificate_files
from tests.certificates import Authority


def shaken(server: ssl.SSLContext, client: ssl.SSLContext) -> ssl.SSLObject:
    """Return the client's side after a handshake in memory."""
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    ours = server.wrap_bio(to_server, to_client, server_side=True)
    theirs = client.wrap_bio(to_client, to_server, server_hostname="localhost")
    for _ in range(10):
        for each in (theirs, ours):
            try:
                each.do_handshake()
            except ssl.SSLWantReadError:
                continue
    return theirs


def serial(certificate: Certificate, authority: Authority) -> object:
    found = shaken(certificate.context(), authority.client()).getpeercert()
    assert found is not None
    return found["serialNumber"]


def test_a_certificate_is_served_by_modern_tls_alone(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    certificate = Certificate(*authority.sign())
    assert shaken(certificate.context(), authority.client()).version() == "TLSv1.3"
    older = authority.client()
    older.maximum_version = ssl.TLSVersion.TLSv1_2
    side = shaken(certificate.context(), older)
    assert side.version() == "TLSv1.2"
    cipher = side.cipher()
    assert cipher is not None
    assert cipher[0].startswith("ECDHE")
    weak = authority.client()
    weak.maximum_version = ssl.TLSVersion.TLSv1_2
    weak.set_ciphers("AES128-SHA")
    with pytest.raises(ssl.SSLError):
        shaken(certificate.context(), weak)


def test_a_renewed_certificate_is_served_to_the_next_connection(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    certificate = Certificate(*authority.sign())
    first, same = serial(certificate, authority), serial(certificate, authority)
    assert first == same
    authority.sign()
    assert serial(certificate, authority) != first


def test_a_renewal_that_is_half_written_keeps_the_old_certificate(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """certbot writes the certificate and the key one after the other."""
    authority = Authority(tmp_path)
    cert, key = authority.sign()
    certificate = Certificate(cert, key)
    first = serial(certificate, authority)
    new_cert, new_key = authority.sign("new")
    with caplog.at_level(logging.WARNING):
        shutil.copyfile(new_cert, cert)
        assert serial(certificate, authority) == first
        assert serial(certificate, authority) == first
        assert [each.message for each in caplog.records] == [
            f"the new TLS certificate can't be used, the old one stays: tls_key: the key in {key} does not belong to "
            f"the certificate in {cert}"
        ]
        os.unlink(key)
        assert serial(certificate, authority) == first
        shutil.copyfile(new_key, key)
    assert serial(certificate, authority) != first


def test_what_is_wrong_with_the_files_is_said(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    cert, key = authority.sign()
    _, other_key = authority.sign("other")
    _, locked = authority.sign("locked", password=b"secret")
    nothing = tmp_path / "nothing.pem"
    nothing.write_text("no certificate\n")
    for files, said in {
        (tmp_path / "none.pem", key): "tls_cert: can't read .*none.pem: No such file",
        (cert, tmp_path / "none.key"): "tls_key: can't read .*none.key: No such file",
        (cert, tmp_path): "tls_key: can't read .*: Is a directory",
        (cert, other_key): "tls_key: the key in .*other.key does not belong to the certificate in .*server.pem",
        (cert, locked): "tls_key: .*locked.key is encrypted; pairterm needs a key without a password",
        (nothing, key): "tls_cert: .*nothing.pem has no certificate in PEM form",
        (cert, nothing): "tls_key: .*nothing.pem has no private key in PEM form",
        (key, cert): "tls_cert: .*server.key has no certificate in PEM form",
    }.items():
        with pytest.raises(UsageError, match=said):
            Certificate(*files)


def test_the_files_are_those_of_the_settings_or_systemds_credentials(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    assert certificate_files("", "") is None
    assert certificate_files("/a", "/b") == (Path("/a"), Path("/b"))
    assert certificate_files("/a", "") == (Path("/a"), Path("/a"))
    with pytest.raises(UsageError, match="tls_key without tls_cert"):
        certificate_files("", "/b")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert certificate_files("", "") is None
    (tmp_path / "pairterm.tls_cert").touch()
    with pytest.raises(UsageError, match="one credential without the other"):
        certificate_files("", "")
    (tmp_path / "pairterm.tls_key").touch()
    assert certificate_files("", "") == (tmp_path / "pairterm.tls_cert", tmp_path / "pairterm.tls_key")
    assert certificate_files("/a", "/b") == (Path("/a"), Path("/b"))
