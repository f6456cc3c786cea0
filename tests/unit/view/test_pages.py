"""Pages on a terminal of 80 by 24: nothing is cut, and all of it can be reached."""

import pytest

from pairterm.session.effects import Tell
from pairterm.types import Role, Size
from pairterm.view import Command
from pairterm.view.bindings import Bindings
from pairterm.view.help import help_lines
from tests.unit.session.sessions import Session
from tests.unit.view.watching import Client, frame_of

SIZE = Size(rows=24, cols=80)


@pytest.mark.parametrize("role", Role)
def test_the_list_of_keys_fits_80_columns_and_turns(role: Role) -> None:
    lines = help_lines(Bindings.of(), role)
    assert [line for line in lines if len(line) > SIZE.cols] == []
    client = Client(role, SIZE)
    client.show(frame_of("$ ", size=SIZE))
    client.keys(b"\x02?")
    seen: list[str] = []
    for page in range(1, 7):
        first = client.lines[0]
        assert first.endswith("any key closes")
        seen += client.lines[1:]
        client.keys(b"\x1b[6~")
        assert client.lines[0] != first or page > 1
    assert [line for line in lines if line.rstrip() not in seen] == []
    client.keys(b"\x1b[5~" * 7)
    assert client.lines[1] == lines[0]
    client.keys(b"q")
    assert client.lines[0] == "$"


def test_the_page_of_the_chat_starts_at_its_end_whatever_its_title_says() -> None:
    session = Session()
    owner = session.owner()
    for number in range(100):
        session.say(owner, f"say remark {number}")
    told = [each for each in session.say(owner, "chat") if isinstance(each, Tell)][-1]
    assert told.starts_at_end
    for starts_at_end, shown in ((True, "olga: remark 99"), (False, "olga: remark 0")):
        client = Client(Role.OWNER, SIZE)
        client.show(frame_of("$ ", size=SIZE))
        client.view.tell(told.text, client.now_s, "any title", starts_at_end=starts_at_end)
        client.paint()
        assert any(line.strip() == shown for line in client.lines)


def page_of(session: Session, text: str, title: str, items: tuple[str, ...]) -> Client:
    client = Client(Role.OWNER, SIZE)
    client.show(frame_of("$ ", size=SIZE))
    client.view.tell(text, client.now_s, title, items)
    client.paint()
    return client


def test_who_is_here_fits_80_columns_and_pages_and_details_are_of_the_chosen_one() -> None:
    session = Session()
    owner = session.owner()
    for number in range(40):
        session.guest(
            session.tokens.read_write,
            address=f"2001:db8:ffff:ffff:ffff:ffff:ffff:{number:x}",
            key=f"SHA256:{number:043}",
            name=f"somebody-with-quite-a-long-name{number}",
        )
    told = [each for each in session.say(owner, "who") if isinstance(each, Tell)][-1]
    assert all(len(line.partition("\t")[0]) <= SIZE.cols for line in told.text.split("\n"))
    client = page_of(session, told.text, told.title, told.items)
    assert client.lines[0].startswith(" 41 in our_session")
    assert client.lines[0].endswith("q closes")
    assert "B bans" in client.lines[-1]
    client.keys(b"\x1b[B")
    assert "2001:db8:ffff:ffff:ffff:ffff:ffff:0 ssh" in client.lines[-3]
    assert f"SHA256:{0:043}" in client.lines[-2]
    client.keys(b"\x1b[6~" * 3)
    assert any(line.startswith(" 41 ") for line in client.lines)
    assert client.keys(b"o")[0] == Command("revoke 41")


def test_guests_see_nobody_s_address_or_key_in_the_list() -> None:
    session = Session()
    session.owner()
    guest = session.writer(key="SHA256:secret")
    told = [each for each in session.say(guest, "who") if isinstance(each, Tell)][-1]
    assert "203.0.113" not in told.text
    assert "secret" not in told.text
