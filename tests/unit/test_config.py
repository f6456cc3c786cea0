"""The configuration files: what they may hold, and how a mistake in one reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from pairterm.config import DEFAULT_PORT, GatewayConfig, UserConfig, load, parse_address, user_config
from pairterm.errors import UsageError


def mistake(path: Path, text: str, kind: type = GatewayConfig) -> str:
    path.write_text(text)
    with pytest.raises(UsageError) as caught:
        load(kind, path)
    assert str(path) in caught.value.message
    assert "\n" not in caught.value.message
    return caught.value.message


def test_an_empty_file_is_all_defaults(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.touch()
    assert load(GatewayConfig, path) == GatewayConfig()
    assert load(UserConfig, path) == UserConfig()


def test_values_are_taken(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text('listen = ["127.0.0.1:1"]\nadvertise = "example.org"\nmax_guests = 3\n')
    config = load(GatewayConfig, path)
    assert (config.listen, config.advertise, config.max_guests) == (["127.0.0.1:1"], "example.org", 3)


def test_a_wrong_key_names_the_nearest_right_one(tmp_path: Path) -> None:
    assert "unknown key 'lsten': did you mean 'listen'?" in mistake(tmp_path / "c.toml", "lsten = []")
    assert "known keys: " in mistake(tmp_path / "c.toml", "zzzzzz = 1")
    assert "unknown key 'gateway'" in mistake(tmp_path / "c.toml", "[gateway]\nlisten = []")


@pytest.mark.parametrize(
    "text",
    ['max_guests = "3"', "max_guests = 3.5", "listen = 2222", "listen = [1]", "advertise = []", "max_guests = true"],
)
def test_a_value_of_the_wrong_type_says_where(tmp_path: Path, text: str) -> None:
    assert text.split()[0] in mistake(tmp_path / "c.toml", text)


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_a_port_that_is_none(tmp_path: Path, port: int) -> None:
    path = tmp_path / "c.toml"
    path.write_text(f"port = {port}\n")
    with pytest.raises(UsageError, match="port"):
        load(UserConfig, path)


@pytest.mark.parametrize(
    "line",
    [f"{key} = {value}"
     for key in ("max_guests", "max_sessions", "max_sessions_per_user", "max_unauthenticated", "login_timeout_s",
                 "max_unauthenticated_per_source", "metrics_port", "hosts.grace_s", "audit.max_bytes")
     for value in (-1, 10**14)],
)  # fmt: skip
def test_a_number_that_can_not_be_meant_is_refused(tmp_path: Path, line: str) -> None:
    """`max_guests = -1` let nobody in, a huge `grace_s` ended the gateway when a host went away."""
    assert line.split()[0].rpartition(".")[2] in mistake(tmp_path / "c.toml", line)


@pytest.mark.parametrize("value", [-1, 10**9, 10**30])
def test_a_history_of_no_size_is_refused(tmp_path: Path, value: int) -> None:
    assert "history_lines" in mistake(tmp_path / "c.toml", f"history_lines = {value}", UserConfig)


def test_a_guest_has_the_time_to_compare_a_fingerprint() -> None:
    """Twenty seconds ran out at ssh's question whether the host key is the right one: `Broken pipe`. sshd gives 120."""
    assert GatewayConfig().login_timeout_s == 120


def test_what_is_no_toml_or_can_not_be_read(tmp_path: Path) -> None:
    mistake(tmp_path / "c.toml", "listen = [")
    (tmp_path / "latin").write_bytes(b'advertise = "\xe4"')
    for path in (tmp_path / "latin", tmp_path / "missing", tmp_path):
        with pytest.raises(UsageError):
            load(GatewayConfig, path)


def test_no_file_is_no_mistake_and_a_dangling_link_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert user_config() == UserConfig()
    (tmp_path / "pairterm").mkdir()
    (tmp_path / "pairterm" / "config.toml").symlink_to(tmp_path / "nowhere")
    with pytest.raises(UsageError):
        user_config()


def test_a_directory_that_can_not_be_looked_into_is_not_taken_for_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a directory of mode 000 a session began with other settings than its owner's, and said nothing."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "pairterm").symlink_to(tmp_path / "pairterm")
    with pytest.raises(UsageError, match="can't read"):
        user_config()


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("127.0.0.1:22", "127.0.0.1", 22),
        ("example.org", "example.org", DEFAULT_PORT),
        (":2200", "", 2200),
        ("[::]:2222", "::", 2222),
        ("[::1]", "::1", DEFAULT_PORT),
        ("0.0.0.0:0", "0.0.0.0", 0),
        ("host:65535", "host", 65535),
    ],
)
def test_addresses(text: str, host: str, port: int) -> None:
    assert parse_address(text) == (host, port)


@pytest.mark.parametrize(
    "text",
    [
        "::1",
        "::1:22",
        "host:",
        "host:x",
        "host:65536",
        "host:-1",
        "host:٢",
        "host:" + "9" * 5000,
        "[::1]x:22",
        "host:2 2",
    ],
)
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(UsageError):
        parse_address(text)


def test_a_value_that_is_none_of_a_keys_choices_names_them(tmp_path: Path) -> None:
    path = tmp_path / "gateway.toml"
    path.write_text('[hosts]\nallow = "any"\n')
    with pytest.raises(UsageError, match="use 'keys', 'anyone' or 'none'"):
        load(GatewayConfig, path)
