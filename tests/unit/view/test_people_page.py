"""The list of people: a key acts on the chosen person, and the list stays open and is renewed."""

from __future__ import annotations

from pairterm.types import Role, Size
from pairterm.view import Command, Type
from tests.unit.view.watching import Client, frame_of

SIZE = Size(rows=12, cols=80)


def show(client: Client, *people: str) -> None:
    lines = ["id name", *(f"{at} {name}" for at, name in enumerate(people, 1))]
    client.view.tell("\n".join(lines), client.now_s, f"{len(people)} in demo", [str(at) for at in range(1, len(lines))])
    client.paint()


def owner_with_list(*people: str) -> Client:
    client = Client(Role.OWNER, SIZE)
    client.show(frame_of("$ ", size=SIZE))
    show(client, *people)
    return client


def test_a_second_key_acts_on_the_list_and_is_not_typed_into_the_shell() -> None:
    client = owner_with_list("olga", "ana", "bo")
    client.keys(b"\x1b[B")
    assert client.keys(b"w") == [Command("grant 2 rw"), Command("who")]
    client.view.tell("ana may type", client.now_s)
    client.paint()
    assert client.lines[0].startswith(" 3 in demo")
    assert client.lines[-1] == " ana may type"
    show(client, "olga", "ana", "bo")
    assert client.keys(b"g") == [Command("give 2"), Command("who")], "the same person is chosen"


def test_after_somebody_is_out_the_next_one_is_chosen() -> None:
    client = owner_with_list("olga", "ana", "bo")
    client.keys(b"\x1b[B\x1b[B")
    assert client.keys(b"K") == [Command("kick 3"), Command("who")]
    show(client, "olga", "ana")
    assert client.keys(b"o") == [Command("revoke 2"), Command("who")]


def test_a_list_that_was_closed_does_not_open_again_when_it_comes() -> None:
    client = owner_with_list("olga", "ana")
    client.keys(b"w")
    client.keys(b"q")
    show(client, "olga", "ana")
    assert client.lines[0] == "$"
    assert client.keys(b"ls") == [Type(b"ls")]
    show(client, "olga", "ana")
    assert client.lines[0].startswith(" 2 in demo"), "but it does when it is asked for"
