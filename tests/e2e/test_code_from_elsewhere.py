"""`pairterm lsp --gateway`: an editor on a machine without a session shares its files at a gateway elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.editors import CURSOR_PLUGIN, LanguageClient
from tests.e2e.terminal import eventually
from tests.e2e.test_from_elsewhere import Elsewhere, make
from tests.e2e.world import Link, World


@pytest.fixture
def elsewhere(world: World) -> Iterator[Elsewhere]:
    yield from make(world)


def test_an_editor_alone_shares_at_a_gateway_by_ssh_with_a_key(elsewhere: Elsewhere, tmp_path: Path) -> None:
    """The host dials out as for `pairterm new`. Guests see the file, also after a cut of the link and a new gateway."""
    world = elsewhere.world
    uri = (tmp_path / "a.py").as_uri()
    (tmp_path / ".env").write_text("PASSWORD=x\n")
    gateway = f"127.0.0.1:{elsewhere.wire.port}"
    world.environment["PAIRTERM_GATEWAY"] = "own"  # The option alone names it.

    stranger = LanguageClient(world, tmp_path, "--gateway", gateway, capabilities=CURSOR_PLUGIN)
    stranger.hear_message("window/showMessage", elsewhere.fingerprint)
    assert stranger.end() == 0

    editor = LanguageClient(world, tmp_path, "--gateway", gateway, "--accept-new", capabilities=CURSOR_PLUGIN)
    editor.open(uri, "first text\nsecond")
    editor.cursor(uri, 1, 3)
    shown = editor.hear_message("window/showMessage", "Sharing: ssh://ro-")
    (session,) = world.sessions()
    assert session["command"] == "(shared code)"
    printed = json.loads(world.run("links", "--json", "-t", session["session"]).stdout)
    world.known_hosts.write_text(printed["host_key"]["known_hosts"] + "\n")
    link = Link(**printed["links"].pop("ssh_ro"))
    assert not [name for name in printed["links"] if "ssh" in name], "nobody can type there"
    assert shown == f"Sharing: ssh://{link.user}@127.0.0.1:{elsewhere.port}", "as the gateway's operator names it"
    guest = world.ssh(link)
    guest.sees("a.py")
    guest.sees("second   tester")
    editor.open((tmp_path / ".env").as_uri(), "PASSWORD=x")
    guest.sees("a file that is not shared")
    editor.cursor(uri, 0, 0)
    guest.sees("first text   tester")

    elsewhere.wire.cut()
    editor.change(uri, {"text": "while the wire was cut"})
    elsewhere.wire.mend()
    guest.sees("while the wire was cut")
    elsewhere.kill_gateway()
    guest.has_exited(255)
    editor.change(uri, {"text": "while the gateway was away"})
    elsewhere.start_gateway()
    guest = world.ssh(link)
    guest.sees("while the gateway was away")
    assert editor.end() == 0
    guest.has_exited()
    eventually(lambda: not world.sessions(), "the session of the editor goes on")
