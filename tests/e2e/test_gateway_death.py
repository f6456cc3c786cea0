"""A gateway that dies takes no shell with it, and the same link joins the same shell again."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket

from tests.e2e.editors import CURSOR_PLUGIN, LanguageClient
from tests.e2e.terminal import eventually
from tests.e2e.test_join import join
from tests.e2e.world import Link, Links, World


def joins_again(world: World, link: Link, text: str) -> None:
    """Assert that a guest can join by `link` and sees `text`."""
    guest = world.ssh(link)
    guest.sees(text)
    guest.enter("echo again-$((1+1))")
    guest.close()


def new_gateway(world: World, old: int) -> bool:
    return any(each.runs("pairterm.gateway") and each.pid != old for each in world.processes())


def is_connected(world: World, name: str) -> bool:
    return bool(world.session(name)["gateway"] == "connected")


def server_on(port: int) -> socket.socket:
    """Return a server on a port of loopback, as soon as whoever had it is gone."""
    found: list[socket.socket] = []

    def is_ours() -> bool:
        with contextlib.suppress(OSError):
            found.append(socket.create_server(("127.0.0.1", port)))
        return bool(found)

    eventually(is_ours, f"port {port} never came free")
    return found[0]


def test_ones_own_gateway_comes_back_by_itself_with_the_same_links(world: World) -> None:
    links = world.new("our_session")
    guest = world.ssh(links.rw)
    guest.sees("here$")
    guest.enter("kept=mark-$((70+7)); echo $kept")
    guest.sees("mark-77")
    killed = world.gateway_pid()
    os.kill(killed, signal.SIGKILL)
    guest.wait(lambda screen: "\nexit 255" in screen, "disconnected")
    eventually(lambda: new_gateway(world, killed), "no other gateway was started")
    eventually(lambda: is_connected(world, "our_session"), "the session never came to it")
    guest = world.ssh(links.rw)
    guest.sees("mark-77")
    guest.enter("echo again $kept")
    guest.sees("\nagain mark-77")
    assert world.run("links", "--json").stdout == world.run("links", "--json", "-t", "our_session").stdout
    assert links == world.trust(type(links).parse(world.run("links", "--json").stdout))


def test_ones_own_gateway_that_finds_its_port_taken_takes_another_and_the_owner_is_told(world: World) -> None:
    """A host that is stopped meanwhile gives somebody else's server the time to be first."""
    links = world.new("our_session")
    owner = world.attach("our_session")
    owner.sees("here$")
    host = world.session("our_session")["pid"]
    os.kill(host, signal.SIGSTOP)
    os.kill(world.gateway_pid(), signal.SIGKILL)
    with server_on(links.rw.port):
        os.kill(host, signal.SIGCONT)
        eventually(lambda: is_connected(world, "our_session"), "the session never came to another gateway")
        found = world.trust(Links.parse(world.run("links", "--json").stdout))
        assert found.rw.user == links.rw.user
        assert found.rw.port != links.rw.port
        told = f"the gateway is back on port {found.rw.port}: the links are new"
        owner.sees(told)
        assert told in world.run("show-messages", "-t", "our_session").stdout
        joins_again(world, found.rw, "here$")


def test_the_owner_works_on_while_there_is_no_gateway_and_sees_it_counted(world: World) -> None:
    """One line for four seconds said it; then the status line was as ever, without the guests."""
    serving, ready = world.serve()
    world.new("our_session")
    owner = world.attach("our_session")
    owner.sees("here$")
    owner.keys("C-b", "T")
    serving.kill()
    serving.wait()
    owner.enter("echo alone-$((1+1))")
    owner.sees("\nalone-2")
    eventually(lambda: world.session("our_session")["gateway"] != "connected", "the loss was never noticed")
    assert "the links work again when it is back" in world.run("links").stdout
    for terminal in (owner, world.attach("our_session")):
        if terminal is not owner:
            terminal.sees("alone-2")
            terminal.keys("C-b", "T")
        terminal.wait(lambda screen: re.search(r"gateway away [1-9]\d* s", screen) is not None, "counted")
    port = ready["listen"][0].rpartition(":")[2]
    world.serve("--listen", f"127.0.0.1:{port}", "--advertise", "127.0.0.1")
    owner.sees("the gateway is back; the links are the same")
    owner.wait(lambda screen: "gateway away" not in screen and "owner" in screen, "back")


def test_a_shared_gateway_started_again_has_the_sessions_under_their_links(world: World) -> None:
    serving, ready = world.serve()
    links = {name: world.new(name) for name in ("one", "two")}
    for name, found in links.items():
        guest = world.ssh(found.rw)
        guest.sees("here$")
        guest.enter(f"echo in-{name}-$((1+1))")
        guest.sees(f"\nin-{name}-2")
    serving.kill()
    serving.wait()
    for name in links:
        eventually(lambda name=name: not is_connected(world, name), "the loss was never noticed")  # type: ignore[misc]
    port = ready["listen"][0].rpartition(":")[2]
    _, again = world.serve("--listen", f"127.0.0.1:{port}", "--advertise", "127.0.0.1")
    assert again["fingerprint"] == ready["fingerprint"], "the host key changed"
    for name, found in links.items():
        eventually(lambda name=name: is_connected(world, name), f"{name} never came back")  # type: ignore[misc]
        joins_again(world, found.rw, f"in-{name}-2")
        joins_again(world, found.ro, f"in-{name}-2")


def test_a_shared_gateway_that_is_stopped_parts_with_guests_and_leaves_sessions(world: World) -> None:
    serving, _ = world.serve()
    links = world.new("our_session")
    guest = world.ssh(links.rw)
    guest.sees("here$")
    serving.terminate()
    assert serving.wait(60) == 0
    screen = guest.wait(lambda text: "\nexit " in text, "let go")
    assert guest.facts("alternate_on", "cursor_flag") == {"alternate_on": "0", "cursor_flag": "1"}, screen
    assert world.session("our_session")["session"] == "our_session"
    assert not (world.root / "gateway.sock").exists()


def test_a_host_that_is_killed_ends_its_guests_views(world: World) -> None:
    links = world.new("our_session", "sh", "-c", "echo shown; exec sleep 1000")
    guest, owner = world.ssh(links.rw), world.attach("our_session")
    guest.sees("shown")
    owner.sees("shown")
    os.kill(world.session("our_session")["pid"], signal.SIGKILL)
    for each in (guest, owner):
        screen = each.has_exited(1)
        assert "[our_session lost: its host is gone]" in screen
        assert each.facts("alternate_on", "cursor_flag") == {"alternate_on": "0", "cursor_flag": "1"}
    # Its socket is stale now: it is no session, and its name is free.
    assert world.sessions() == []
    again = world.new("our_session")
    assert again.rw.user != links.rw.user
    world.ssh(again.rw).sees("here$")


def test_ones_own_gateway_ends_after_its_last_session(world: World) -> None:
    world.new("our_session", "true")
    world.ends("our_session")
    eventually(lambda: not world.processes(), lambda: f"still there: {world.processes()}")
    assert not (world.runtime / ".gateway").exists()


def test_the_text_of_an_editor_outlives_the_gateway_and_the_editor(world: World) -> None:
    """An edit while there is no gateway shows when it is back; the last text stays while the editor is away."""
    links = world.new("coding", "cat")
    root = world.root / "project"
    root.mkdir()
    uri = (root / "a.py").as_uri()
    editor = LanguageClient(world, root, "-t", "coding", capabilities=CURSOR_PLUGIN)
    editor.open(uri, "before = 1")
    editor.hear_message("window/showMessage", "Sharing: ")
    world.run("select-window", "-t", "coding:code")
    guest, joined = world.ssh(links.ro), join(world, links.ro)
    for each in (guest, joined):
        each.sees("before = 1")
    killed = world.gateway_pid()
    os.kill(killed, signal.SIGKILL)
    guest.wait(lambda screen: "\nexit 255" in screen, "disconnected")
    editor.change(uri, {"text": "changed = 2"})
    eventually(lambda: new_gateway(world, killed), "no other gateway was started")
    eventually(lambda: is_connected(world, "coding"), "the session never came to it")
    guest = world.ssh(links.ro)
    for each in (guest, joined):
        each.sees("changed = 2")
    editor.kill()
    for each in (guest, joined):
        each.wait(lambda screen: re.search(r"the editor is away [1-9]\d* s", screen) is not None, "counted")
        each.sees("changed = 2")
    again = LanguageClient(world, root, "-t", "coding", capabilities=CURSOR_PLUGIN)
    again.open(uri, "again = 3")
    for each in (guest, joined):
        each.sees("again = 3")
        each.wait(lambda screen: "away" not in screen, "back")
    assert again.end() == 0
