"""The links as text and as JSON, from what a host says of itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
import pytest

from pairterm.cli.links import links_json, links_text
from pairterm.errors import SystemFault
from pairterm.link.messages import Info, LinkAddress


@dataclass(frozen=True)
class Host:
    """What differs between the tests."""

    host: str = "example.org"
    port: int = 2222
    is_loopback: bool = False
    gateway: str = "connected"

    def info(self) -> Info:
        address = LinkAddress(
            self.host, self.port, "ssh-ed25519 AAAA", "SHA256:abc", self.is_loopback, "rw-secret", "ro-secret"
        )
        return Info("s", 1, 0.0, 24, 80, "bash", "", [], address, self.gateway)


def test_the_json_form_is_public() -> None:
    assert links_json(Host().info()) == {
        "session": "s",
        "host_key": {"fingerprint": "SHA256:abc", "known_hosts": "[example.org]:2222 ssh-ed25519 AAAA"},
        "links": {
            "ssh_rw": {
                "command": "ssh -p 2222 rw-secret@example.org",
                "user": "rw-secret",
                "host": "example.org",
                "port": 2222,
            },
            "ssh_ro": {
                "command": "ssh -p 2222 ro-secret@example.org",
                "user": "ro-secret",
                "host": "example.org",
                "port": 2222,
            },
        },
    }


def test_the_usual_port_of_ssh_is_not_named() -> None:
    found: dict[str, Any] = links_json(Host(port=22).info())
    assert found["links"]["ssh_rw"]["command"] == "ssh rw-secret@example.org"
    assert found["host_key"]["known_hosts"] == "example.org ssh-ed25519 AAAA"


def test_the_text_has_the_watchers_link_first() -> None:
    assert links_text(Host().info()).splitlines()[:3] == [
        "ssh session read only: ssh -p 2222 ro-secret@example.org",
        "ssh session:           ssh -p 2222 rw-secret@example.org",
        "host key:              SHA256:abc",
    ]


def test_the_text_says_what_stands_in_the_way() -> None:
    assert "this machine only" in links_text(Host(is_loopback=True).info())
    assert "this machine only" not in links_text(Host().info())
    away = links_text(Host(gateway="away: the link was lost").info())
    assert "The gateway is away: the link was lost" in away


def test_without_a_gateway_there_are_no_links() -> None:
    info = msgspec.structs.replace(Host(gateway="not connected yet").info(), address=None)
    for links in (links_json, links_text):
        with pytest.raises(SystemFault, match="not connected yet"):
            links(info)


def test_a_ci_job_is_told_of_a_gateway_that_guests_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    here = Host(is_loopback=True).info()
    monkeypatch.setenv("CI", "true")
    assert "--gateway HOST" in links_text(here)
    monkeypatch.setenv("CI", "false")
    assert "--listen 0.0.0.0:2222" in links_text(here)
