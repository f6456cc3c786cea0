"""The links as text and as JSON, from a host's description of its session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
import pytest

from pairterm.cli.print_links import links_json, links_text
from pairterm.cli.tmate import expanded
from pairterm.errors import SystemFault
from pairterm.link.messages import SessionAddress, SessionInfo
from pairterm.link.ssh_commands import invitations_page


@dataclass(frozen=True)
class Host:
    """The facts that differ between the tests."""

    host: str = "example.org"
    port: int = 2222
    is_loopback: bool = False
    gateway: str = "connected"
    fixed_name: str = ""
    by_key: str = ""
    opens_by_invitation: bool = True

    def info(self) -> SessionInfo:
        address = SessionAddress(
            self.host,
            self.port,
            "ssh-ed25519 AAAA",
            "SHA256:abc",
            self.is_loopback,
            "rw-secret",
            "ro-secret",
            self.fixed_name,
            self.by_key,
            self.opens_by_invitation,
        )
        return SessionInfo("s", 1, 0.0, 24, 80, "bash", "", [], address, self.gateway)


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


def test_where_a_key_is_needed_and_enough_only_what_opens_is_printed() -> None:
    """With `--admit key`, two links were printed that did not work, and the working one was not printed."""
    info = Host(by_key="ada/kata", opens_by_invitation=False).info()
    assert list(links_json(info)["links"]) == ["ssh_name"]
    assert links_json(info)["links"]["ssh_name"]["command"] == "ssh -p 2222 ada/kata@example.org"
    text = links_text(info)
    assert "with a key:            ssh -p 2222 ada/kata@example.org" in text
    assert "secret" not in text
    assert expanded("#{pairterm_ssh}|#{pairterm_ssh_ro}|#{pairterm_ssh_name}", info) == (
        "ssh -p 2222 ada/kata@example.org||ssh -p 2222 ada/kata@example.org"
    )
    nothing = links_text(Host(opens_by_invitation=False).info())
    assert "Nobody can join now" in nothing
    assert "secret" not in nothing


def test_with_links_and_keys_all_ways_in_are_printed() -> None:
    found = links_json(Host(by_key="kata").info())["links"]
    assert [each["user"] for each in found.values()] == ["rw-secret", "ro-secret", "kata"]
    assert "with a key" not in links_text(Host().info())


def test_the_owners_page_numbers_what_can_be_copied() -> None:
    info = Host(by_key="kata", is_loopback=True).info()
    text, commands = invitations_page(info.address, "connected")
    assert commands == [f"ssh -p 2222 {user}@example.org" for user in ("rw-secret", "ro-secret", "kata")]
    for number, command in enumerate(commands, 1):
        assert f" {number}  " in text
        assert f"    {command}\n" in text
    assert all(len(line) <= 80 for line in text.split("\n"))
    assert "Only this machine" in text
    assert invitations_page(None, "not connected yet")[1] == []
    assert "not connected yet" in invitations_page(None, "not connected yet")[0]


def test_a_fixed_name_that_opens_nothing_is_told() -> None:
    """`pairterm new -n NAME` took the name, printed the two links, and said nothing of the name."""
    assert "nobody can join as team-x yet: name the keys with -a FILE" in links_text(Host(fixed_name="team-x").info())
    text = links_text(Host(fixed_name="team-x", by_key="team-x").info())
    assert "nobody" not in text
    assert "with a key:            ssh -p 2222 team-x@example.org" in text
