"""Guests in Chromium: they join, watch, type, knock, chat, lose the line and return."""

from __future__ import annotations

import json
import signal
from typing import Any

from selenium.webdriver.common.keys import Keys

from pairterm.types import Size
from tests.browser.browser import Browser, Page
from tests.browser.pictures import lacks
from tests.browser.web_gateway import Place, free_port, serve_web, share
from tests.certificates import Authority
from tests.e2e.terminal import eventually
from tests.e2e.watcher import Watcher
from tests.e2e.world import World
from tests.judge import judge_or_skip


def entered(page: Page) -> Page:
    """Wait until a guest sees the session, and point at the terminal."""
    page.is_in()
    page.sees("hello")
    page.focus_terminal()
    return page


def size_of(world: World, name: str) -> Size:
    printed = world.run("display", "-p", "-t", name, "#{window_height} #{window_width}").stdout
    rows, cols = map(int, printed.split())
    return Size(rows=rows, cols=cols)


def guests_of(world: World, name: str) -> list[tuple[str, str, int]]:
    """Return the names, roles and windows of the people in a session."""
    found: list[dict[str, Any]] = json.loads(world.run("who", "-t", name, "--json").stdout)
    return [(each["name"], each["role"], each["window"]) for each in found]


def test_a_guest_types_and_pastes_and_one_who_watches_can_only_look_back_and_chat(
    place: Place, browser: Browser
) -> None:
    links = place.share("typing")
    watching = entered(browser.open(links.ro))
    watching.type("stolen" + Keys.ENTER)
    typing = entered(browser.open(links.rw))
    typing.type("grüße" + Keys.ENTER)
    typing.sees("grüße\ngrüße")
    typing.paste("pasted 表\nand more\n")
    watching.sees("pasted 表\nand more")
    watching.focus_terminal()
    watching.type("stolen again" + Keys.ENTER)
    watching.paste("stolen paste\n")
    typing.type("end" + Keys.ENTER)
    assert "stolen" not in watching.sees("end\nend")
    assert "stolen" not in typing.sees("end\nend")

    live, theirs = watching.screen(), typing.screen()
    watching.click("search-button")
    watching.type("more" + Keys.ENTER)
    watching.wait(lambda screen: screen != live, "went into the history")
    assert typing.screen() == theirs
    watching.type(Keys.ESCAPE)
    watching.wait(lambda screen: screen == live, "came back from the history")

    typing.fill("chat-input", "shall we <b>begin</b>?", enter=True)
    watching.shows("chat-log", "shall we <b>begin</b>?")
    place.world.run("rename-window", "-t", "typing", "<i>plan</i>")
    watching.shows("tabs", "<i>plan</i>")
    watching.fill("chat-input", "yes:" + Keys.SHIFT + Keys.ENTER + Keys.NULL + "  indented", enter=True)
    typing.shows("chat-log", "yes:\n  indented")
    typing.click("copy-snippet")
    typing.reads("15 characters")
    assert "begin" not in typing.screen()


def test_a_guest_sees_vim_as_an_ssh_guest_does(place: Place, browser: Browser) -> None:
    links = place.share("vim", "sh", "-c", "echo hello; exec vim -n -c 'set number'", options=("-x", "80", "-y", "24"))
    place.world.run("set", "-t", "vim", "size-policy", "fixed 80x24")
    page = browser.open(links.rw)
    page.is_in()
    page.sees("  1")
    page.focus_terminal()
    page.type("iDer Fluß, 河, 🎉" + Keys.ENTER + "second line" + Keys.ESCAPE + "k0dw")
    page.sees("  2 second line")
    watcher = Watcher(place.world, judge_or_skip(), place.world.ssh_command(links.ssh.ro), Size(rows=24, cols=80))
    try:
        watcher.sees("second line")
        eventually(
            lambda: not lacks(page, watcher.frame()), lambda: lacks(page, watcher.frame()) + "\n" + page.report()
        )
    finally:
        watcher.close()


def test_a_guest_watches_htop_and_another_size_reaches_it(place: Place, browser: Browser) -> None:
    links = place.share("htop", "htop", "-d", "10")
    page = browser.open(links.rw, width=1200)
    page.is_in()
    page.sees("PID")
    first = size_of(place.world, "htop")
    page.resize(760, 500)
    eventually(
        lambda: page.size == size_of(place.world, "htop") and page.size.cols < first.cols,
        lambda: f"first {first}, now {size_of(place.world, 'htop')}; {page.report()}",
    )
    page.wait(lambda screen: "PID" in screen and "Quit" in screen, "drew htop again")
    page.focus_terminal()
    page.type("q")
    page.is_in("ended")


def test_a_guest_knocks_and_is_admitted(place: Place, browser: Browser) -> None:
    links = place.share("knocking", options=("--ask",))
    page = browser.open(links.rw)
    page.is_in("waiting")
    page.reads("waiting for the owner")
    assert "hello" not in page.screen()
    place.world.run("accept", "-t", "knocking")
    entered(page).type("let in" + Keys.ENTER)
    page.sees("let in\nlet in")


def test_a_wrong_link_is_refused_with_the_reason(place: Place, browser: Browser) -> None:
    page = browser.open(f"{place.page}#rw-{'a' * 32}")
    page.is_in("ended")
    page.reads("no such session")


def test_a_driver_answers_who_asks_for_the_keyboard_and_all_see_the_call(place: Place, browser: Browser) -> None:
    links = place.share("driving")
    ana = entered(browser.open(links.rw))
    ((name, _, _),) = guests_of(place.world, "driving")
    ben = entered(browser.open(links.rw))
    for setting in (("call", "https://meet.example.org/x"), ("seat", "on")):
        place.world.run("set", "-t", "driving", *setting)
    place.world.run("give", "-t", "driving", name)
    ben.click("ask-keyboard")
    ana.shows("questions", "asks for the keyboard")
    ana.click("panel")  # The question goes over the terminal.
    ana.click("admit")
    ben.shows("role", "you type")
    ana.shows("role", "you watch")
    ana.hides("admit")
    ana.shows("call")


def test_a_guest_who_loses_the_line_returns_and_nothing_typed_meanwhile_is_sent(place: Place, browser: Browser) -> None:
    """Their link gives neither the role nor the window, and the page does not know the name: all come by the ticket."""
    links = place.share("losing")
    place.world.run("new-window", "-d", "-t", "losing:7", "sh", "-c", "echo hello from 7; exec cat")
    page = entered(browser.open(links.ro.replace(f":{place.port}/", f":{place.line.port}/")))
    page.shows_whole_terminal()
    page.prompt("name zoe")
    eventually(lambda: [each[0] for each in guests_of(place.world, "losing")] == ["zoe"], page.report)
    place.world.run("grant", "-t", "losing", "zoe", "rw")
    eventually(lambda: [each[1] for each in guests_of(place.world, "losing")] == ["rw"], page.report)
    page.chord(Keys.CONTROL, "b")
    page.type("f")
    page.prompt("select-window -t 7")
    page.sees("hello from 7")
    page.type("before" + Keys.ENTER)
    page.sees("before\nbefore")
    here = guests_of(place.world, "losing")
    assert here == [("zoe", "rw", 7)]
    place.line.cut()
    page.is_in("lost")
    page.shows("overlay")
    page.type("lost words" + Keys.ENTER)
    place.line.mend()
    entered(page)
    page.sees("hello from 7")
    page.type("after" + Keys.ENTER)
    assert "lost" not in page.sees("after\nafter")
    eventually(lambda: guests_of(place.world, "losing") == here, lambda: f"was {here}; {page.report()}")


def test_a_guest_returns_when_the_gateway_was_killed(world: World, browser: Browser) -> None:
    port = free_port()
    web = {"listen": [f"127.0.0.1:{port}"]}
    gateway = serve_web(world, web=web)
    links = share(world, f"http://127.0.0.1:{port}/", "killed", "sh", "-c", "echo hello; exec cat")
    page = entered(browser.open(links.rw))
    page.type("before" + Keys.ENTER)
    page.sees("before\nbefore")
    gateway.send_signal(signal.SIGKILL)
    gateway.wait()
    page.is_in("lost")
    serve_web(world, web=web)
    entered(page)
    page.type("after" + Keys.ENTER)
    page.sees("before\nbefore\nafter\nafter")


def test_a_phone_has_a_bar_of_keys_and_nothing_beside_the_screen(place: Place, browser: Browser) -> None:
    links = place.share("phone", "cat", "-v")
    page = browser.open(links.rw, is_phone=True)
    page.is_in()
    page.focus_terminal()
    page.type("tiny")
    page.sees("tiny")
    page.shows("keys")
    page.shows_whole_terminal()
    bar = "const bar = document.querySelector('.row-of-keys').getBoundingClientRect();"
    paste = "const paste = document.querySelector('[data-key=Paste]').getBoundingClientRect();"
    assert page.script(f"{bar}{paste} return paste.right <= bar.right")
    eventually(lambda: page.script("return document.documentElement.scrollWidth <= window.innerWidth"), page.report)
    page.press("Esc")
    page.type("x" + Keys.ENTER)
    page.sees("tiny^[x\ntiny^[x")
    page.press("Ctrl")
    page.type("ay" + Keys.ENTER)
    page.sees("^Ay\n^Ay")
    large = page.size
    page.be_a_phone(height=480)
    eventually(lambda: page.size.rows < large.rows and page.size.cols == large.cols, page.report)
    assert page.script("return document.querySelector('.keys').getBoundingClientRect().bottom <= visualViewport.height")
    page.be_a_phone()
    page.pinch(100, 130, 160)
    eventually(lambda: page.size.cols < large.cols, page.report)
    pinched = page.size
    page.load(links.rw)
    page.sees("tiny")
    eventually(lambda: page.size == pinched, page.report)


def test_one_port_serves_a_browser_by_tls_and_an_ssh_guest(
    world: World, browser: Browser, authority: Authority
) -> None:
    port, (cert, key) = free_port(), authority.sign()
    web = {"listen": [], "ssh_and_web": True, "tls_cert": str(cert), "tls_key": str(key)}
    serve_web(world, listen=f"127.0.0.1:{port}", web=web)
    links = share(world, f"https://localhost:{port}/", "both", "sh", "-c", "echo hello; exec cat")
    assert links.ssh.rw.port == port
    page, terminal = entered(browser.open(links.rw)), world.ssh(links.ssh.rw)
    terminal.sees("hello")
    page.type("from the browser" + Keys.ENTER)
    terminal.sees("from the browser\nfrom the browser")
