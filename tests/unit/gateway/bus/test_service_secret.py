"""Unit tests of the file with a service's secret."""

import os
from pathlib import Path

import pytest

from pairterm.errors import PairtermError
from pairterm.gateway.bus.service_secret import new_secret, read_secrets


def _file(tmp_path: Path, text: str, mode: int = 0o600) -> Path:
    path = tmp_path / "secret"
    path.write_text(text)
    path.chmod(mode)
    return path


def test_gateways_with_the_same_file_and_service_have_the_same_keys_and_others_have_none_of_them(
    tmp_path: Path,
) -> None:
    path = _file(tmp_path, f"# for production\n{new_secret()}\n\n{new_secret()}\n")
    first, second = read_secrets(path, "one")
    assert first == read_secrets(path, "one")[0]
    keys = [first.key("a"), first.key("b"), second.key("a"), read_secrets(path, "two")[0].key("a")]
    assert len(set(keys)) == 4
    assert {len(each) for each in keys} == {32}
    assert path.read_text().split(":")[1][:16] not in repr(first)


@pytest.mark.parametrize(
    ("text", "mode", "error"),
    [
        (None, 0o600, "cluster-key"),
        ("{}", 0o640, "mode 0640"),
        ("{}", 0o604, "mode 0604"),
        ("", 0o600, "1 to 4"),
        ("{}\n" * 5, 0o600, "1 to 4"),
        ("hunter2", 0o600, "not a secret"),
        ("pairterm-service-secret-1:hunter2", 0o600, "not a secret"),
        ("pairterm-service-secret-1:abc!", 0o600, "not a secret"),
        ("\xff", 0o600, "not a secret"),
    ],
)
def test_a_file_that_is_not_right_is_refused_and_the_error_shows_nothing_of_it(
    tmp_path: Path, text: str | None, mode: int, error: str
) -> None:
    path = tmp_path / "secret" if text is None else _file(tmp_path, text.replace("{}", new_secret()), mode)
    with pytest.raises(PairtermError, match=error) as caught:
        read_secrets(path, "one")
    assert caught.value.code == "cluster_secret"
    assert "hunter2" not in caught.value.message


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_of_another_user_is_refused(tmp_path: Path) -> None:
    path = _file(tmp_path, new_secret())
    os.chown(path, 12_345, -1)
    with pytest.raises(PairtermError, match="another user"):
        read_secrets(path, "one")


def test_systemds_credential_comes_before_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = tmp_path / "pairterm.cluster_secret"
    given.write_text(new_secret())
    given.chmod(0o440)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert len(read_secrets(tmp_path / "none", "one")) == 1
