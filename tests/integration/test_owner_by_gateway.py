"""The owner who comes by a browser or by ssh: the link for it, what they may do, and what a guest may not."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator

import pytest

from tests.e2e.terminal import eventually
from tests.e2e.world import Link, open_world
from tests.integration.browsers import page
from tests.integration.test_hostile_ssh import connected, opened, shows
from tests.integration.test_web_door import Served, run


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with open_world() as world:
        yield Served(world)


async def owners_link(served: Served, session: str) -> tuple[str, Link]:
    """Make an owner's link: return its URL, and how ssh uses it."""
    made = json.loads(await run(served, "link", "new", "-t", session, "--role", "owner", "--json"))
    host, port = "127.0.0.1", int(made["command"].split("-p ")[1].split()[0]) if "-p " in made["command"] else 22
    return made["url"], Link(command=made["command"], user=made["user"], host=host, port=port)


async def roles(served: Served, session: str) -> dict[str, str]:
    people = json.loads(await run(served, "who", "-t", session, "--json"))
    return {each["name"]: each["role"] for each in people}


async def test_an_owner_in_a_browser_lets_in_grants_gives_pauses_panics_and_kicks(served: Served) -> None:
    links = served.new("afar", "cat")
    url, _ = await owners_link(served, "afar")
    origin, _, token = url.partition("#")
    assert origin == served.url
    assert token.startswith("ow-")
    await run(served, "set", "-t", "afar", "ask", "on")
    async with page(served.url) as olga, page(served.url) as ben:
        await olga.hello(token, name="olga")
        await olga.hears("in", role="owner", may_type=True)
        await ben.hello(links.ro.user, name="ben")
        await ben.hears("wait")
        knocks = (await olga.hears("session", questions=lambda asked: asked and asked[0]["name"] == "ben"))["questions"]
        number = knocks[0]["number"]
        assert knocks[0]["choices"] == ["accept", "accept-ro", "decline", "decline-ban"]
        await olga.hears(
            "people", people=lambda people: [each["asks"] for each in people if each["is_waiting"]] == ["in"]
        )
        await olga.say("run", line=f"accept {number}")
        await ben.hears("in", role="ro", number=number)
        await olga.say("run", line=f"grant {number} rw")
        await ben.hears("role", role="rw", may_type=True)
        await olga.say("run", line="set seat on")
        await ben.hears("role", may_type=False)
        await olga.say("run", line=f"give {number}")
        await ben.hears("role", may_type=True)
        await olga.say("run", line="pause on")
        await ben.hears("session", is_paused=True)
        await olga.hears("role", role="owner", may_type=False)
        await olga.say("run", line="pause off")
        await ben.hears("session", is_paused=False)
        await olga.say("run", line="panic on")
        await ben.hears("role", role="ro", may_type=False)
        await olga.hears("session", is_locked=True)
        await olga.say("run", line=f"kick {number}")
        await ben.hears("end", status=1)
        assert await roles(served, "afar") == {"olga": "owner"}


async def test_plain_ssh_by_an_owners_link_is_an_owner_too(served: Served) -> None:
    served.new("ssh-owner", "sh", "-c", "echo ready; cat")
    _, link = await owners_link(served, "ssh-owner")
    async with connected(link) as connection:
        process = await opened(connection)
        await shows(process, b"ready")
        assert list((await roles(served, "ssh-owner")).values()) == ["owner"]
        process.stdin.write(b"\x02:kill-session\r")
        await shows(process, b"ssh-owner killed")


async def test_a_revoked_owners_link_ends_the_owner_who_came_by_it_and_their_return(served: Served) -> None:
    served.new("revoked", "cat")
    url, link = await owners_link(served, "revoked")
    async with page(served.url) as olga:
        await olga.hello(link.user)
        ticket = (await olga.hears("in"))["ticket"]
        numbers = [each["link"] for each in json.loads(await run(served, "link", "ls", "-t", "revoked", "--json"))]
        await run(served, "link", "revoke", "-t", "revoked", str(numbers[-1]))
        assert "link that you came by" in (await olga.hears("end"))["text"]
    async with page(served.url) as olga:
        await olga.hello(link.user, ticket=ticket)
        assert (await olga.hears("end"))["text"] == "no such session, or the link has ended"
    assert url.partition("#")[2] not in served.world.log() + served.audit()


async def test_no_guest_is_an_owner_whatever_the_prefix_of_their_token_says(served: Served) -> None:
    links = served.new("prefix", "cat")
    async with page(served.url) as mallory:
        await mallory.hello("ow-" + links.rw.user.partition("-")[2])
        assert (await mallory.hears("end"))["text"] == "no such session, or the link has ended"
    async with page(served.url) as mallory:
        await mallory.hello(links.rw.user)
        await mallory.hears("in", role="rw")
        for line in ("pause on", "panic on", "link new --role owner", "grant 1 owner", "kill-session", "kick 1"):
            await mallory.say("run", line=line)
            text = (await mallory.hears("text"))["text"]
            assert "only the owner may" in text or "a role is" in text, (line, text)
    assert await asyncio.to_thread(served.world.session, "prefix")
    eventually(lambda: "prefix" in served.world.run("ls").stdout, "the session is gone")
