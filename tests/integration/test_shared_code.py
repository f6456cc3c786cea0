"""Code that an editor shares, through a session's host: who gets which text, in a pause, and after losses."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import replace

import pytest

from pairterm.document.buffer import Buffer
from pairterm.document.document import Document, DocumentId
from pairterm.document.position_encoding import PositionEncoding
from pairterm.errors import PeerError
from pairterm.host.actor import HostActor
from pairterm.link.codec import decode_host_message, encode
from pairterm.link.document_publisher import DocumentPublisher
from pairterm.link.messages import (
    PROTOCOL,
    DocumentAck,
    Documents,
    DocumentUpdate,
    Hello,
    HostMessage,
    Join,
    Leave,
    Registered,
    ShareDocuments,
    ShareHello,
    SharingChanged,
    ViewerMessage,
    ViewSettings,
    WatchDocuments,
    Windows,
)
from pairterm.link.messages.documents import ShareTab
from pairterm.link.shared_documents import SharedDocuments
from pairterm.types import PaneId, Role
from tests.unit.session.sessions import Session

WORKSPACE = bytes(32)


class End:
    """The far end of a link in this process. Its answers are on their way until `settle`."""

    waiting_bytes = 0

    def __init__(self, room: Room, *, is_local: bool) -> None:
        self.heard: list[HostMessage] = []
        self.answers: deque[ViewerMessage] = deque()
        on_gateway: Callable[[object], None] | None = None if is_local else lambda message: None
        self.peer = room.actor.add_peer(self, is_local=is_local, on_gateway=on_gateway)
        self.say(Hello(PROTOCOL, "1", "client" if is_local else "gateway"))

    def say(self, message: ViewerMessage) -> None:
        self.peer.receive(encode(message))

    def send(self, message: HostMessage) -> None:
        received = decode_host_message(encode(message))
        self.heard.append(received)
        self.hear(received)

    def hear(self, message: HostMessage) -> None: ...
    def answer_ping(self) -> None: ...
    def close(self) -> None: ...


class Editor(End):
    """An editor's process: its buffers, and a publisher for each."""

    def __init__(self, room: Room, *, name: str = "ada", workspace: bytes = WORKSPACE) -> None:
        super().__init__(room, is_local=True)
        self.texts: dict[int, Document] = {}
        self.names: dict[int, str] = {}
        self.publishers: dict[int, DocumentPublisher] = {}
        self.say(ShareHello(name, "project", workspace))

    def hear(self, message: HostMessage) -> None:
        if isinstance(message, DocumentAck):
            self.publishers[message.document].acknowledge(message)

    def open(self, number: int, name: str, text: str) -> None:
        self.names[number] = name
        self.publishers[number] = DocumentPublisher(DocumentId(number))
        self.say(ShareDocuments([ShareTab(each, its, "python") for each, its in self.names.items()], number))
        self.texts[number] = Document.of(DocumentId(number), Buffer(text, PositionEncoding.UTF16).lines)
        self.publish()

    def type(self, number: int, *lines: str) -> None:
        version = self.texts[number].version + 1
        self.texts[number] = Document.of(DocumentId(number), lines, version=version)
        self.publish()

    def publish(self) -> None:
        for number, text in self.texts.items():
            while (update := self.publishers[number].update(text)) is not None:
                self.say(update)

    def states(self) -> list[str]:
        return [each.state for each in self.heard if isinstance(each, SharingChanged)]


class Viewer(End):
    """A viewer's side with one client, who looks at all documents."""

    def __init__(self, room: Room, *, role: Role) -> None:
        self.documents = SharedDocuments()
        self.windows = Windows([])
        super().__init__(room, is_local=role is Role.OWNER)
        if role is not Role.OWNER:
            self.say(Registered("localhost", 1, "ssh-ed25519 AAAA", "SHA256:" + 43 * "a", True, True))
        token = room.tokens[role] if role is not Role.OWNER else None
        self.say(Join(1, 24, 80, label="::1", token_hash=token))

    def hear(self, message: HostMessage) -> None:
        match message:
            case Windows():
                self.windows = message
            case Documents():
                self.documents.take_list(message)
                watch = self.documents.watch([each.id for each in self.documents.tabs])
                if watch is not None:
                    self.answers.append(watch)
            case DocumentUpdate():
                if (ack := self.documents.update(message)) is not None:
                    self.answers.append(ack)

    def lines(self, name: str) -> tuple[str, ...] | None:
        tab = next((each for each in self.documents.tabs if each.name == name), None)
        document = self.documents.document(tab.id) if tab is not None else None
        return document.lines if document is not None else None

    def away(self) -> list[int | None]:
        return [each.away_s for each in self.documents.sharers]

    def has_window(self, name: str) -> bool:
        return any(each.name == name for each in self.windows.windows)


class Room:
    """A session, and all ends of its links."""

    def __init__(self) -> None:
        self.session = Session()
        self.actor = HostActor(self.session.core, command="x", settings=ViewSettings())
        self.tokens = {each.role: each.token_hash for each in self.session.parts.admission.invitations.all()}
        self.ends: list[End] = []

    def editor(self, *, name: str = "ada", workspace: bytes = WORKSPACE) -> Editor:
        editor = Editor(self, name=name, workspace=workspace)
        self.ends.append(editor)
        return editor

    def viewer(self, role: Role) -> Viewer:
        viewer = Viewer(self, role=role)
        self.ends.append(viewer)
        self.settle()
        return viewer

    def settle(self) -> None:
        """Deliver all answers, until there are no more."""
        while any(each.answers for each in self.ends):
            for each in self.ends:
                if each.answers:
                    each.say(each.answers.popleft())

    def lose(self, end: End) -> None:
        self.ends.remove(end)
        self.actor.remove_peer(end.peer)
        self.settle()

    def order(self, line: str) -> None:
        text, is_error = self.actor.owner_command(line)
        assert not is_error, text
        self.settle()

    def refuses(self, line: str) -> str:
        text, is_error = self.actor.owner_command(line)
        assert is_error
        return text


@pytest.fixture
async def room() -> Room:
    return Room()


async def test_the_first_editor_makes_the_window_and_viewers_see_its_text(room: Room) -> None:
    guest = room.viewer(Role.READ_ONLY)
    assert not guest.has_window("code")
    editor = room.editor()
    editor.open(5, "src/a.py", "one\ntwo")
    room.settle()
    assert editor.states() == ["shared"]
    assert guest.has_window("code")
    assert [each.is_document for window in guest.windows.windows for each in window.panes] == [False, True]
    assert guest.lines("src/a.py") == ("one", "two")
    assert guest.documents.sharers[0].name == "ada"
    assert guest.documents.sharers[0].active == guest.documents.tabs[0].id
    editor.type(5, "one", "two", "three")
    room.settle()
    assert guest.lines("src/a.py") == ("one", "two", "three")


async def test_a_viewer_that_comes_late_or_leaves_changes_nothing_for_the_others(room: Room) -> None:
    """pair-ls 0.1.1: a viewer that leaves takes the oldest viewer's subscription along."""
    editor = room.editor()
    editor.open(1, "a.py", "x")
    oldest, second, third = (room.viewer(Role.READ_ONLY) for _ in range(3))
    room.lose(second)
    editor.type(1, "y")
    room.settle()
    assert oldest.lines("a.py") == third.lines("a.py") == ("y",)


async def test_two_editors_keep_their_documents_apart(room: Room) -> None:
    """pair-ls 0.1.1: two editors at one relay overwrite each other's root, cursor and view."""
    viewer = room.viewer(Role.READ_ONLY)
    ada, bob = room.editor(), room.editor(name="bob", workspace=bytes([1] * 32))
    ada.open(1, "same.py", "ada's")
    bob.open(1, "same.py", "bob's")
    room.settle()
    texts = {each.sharer: viewer.documents.document(each.id) for each in viewer.documents.tabs}
    names = {each.id: each.name for each in viewer.documents.sharers}
    assert {names[each]: text.lines[0] for each, text in texts.items() if text} == {"ada": "ada's", "bob": "bob's"}


async def test_nothing_of_a_document_goes_to_a_guest_in_a_pause(room: Room) -> None:
    editor = room.editor()
    editor.open(1, "a.py", "before")
    guest, owner = room.viewer(Role.READ_WRITE), room.viewer(Role.OWNER)
    room.order("pause on")
    guest.heard.clear()
    assert guest.lines("a.py") is None
    editor.type(1, "secret")
    editor.open(2, "secret.py", "x")
    late = room.viewer(Role.READ_ONLY)
    room.settle()
    assert not [each for each in guest.heard if isinstance(each, Documents | DocumentUpdate)]
    assert not late.documents.tabs
    assert owner.lines("a.py") == ("secret",)
    room.order("pause off")
    assert guest.lines("a.py") == late.lines("a.py") == ("secret",)
    assert guest.lines("secret.py") == ("x",)


async def test_nothing_of_a_document_goes_to_a_guest_while_the_window_is_hidden(room: Room) -> None:
    editor = room.editor()
    editor.open(1, "a.py", "before")
    guest, owner = room.viewer(Role.READ_WRITE), room.viewer(Role.OWNER)
    assert guest.lines("a.py") == ("before",)
    room.order("set-window -t code hidden on")
    guest.heard.clear()
    assert not guest.documents.tabs
    assert not guest.documents.sharers
    editor.type(1, "secret")
    room.settle()
    assert not [each for each in guest.heard if isinstance(each, Documents | DocumentUpdate)]
    assert owner.lines("a.py") == ("secret",)
    room.order("set-window -t code hidden off")
    assert guest.lines("a.py") == ("secret",)


async def test_an_editor_that_is_killed_is_away_and_comes_back_with_the_right_text(room: Room) -> None:
    viewer = room.viewer(Role.READ_ONLY)
    editor = room.editor()
    editor.open(1, "a.py", "before")
    room.settle()
    document = viewer.documents.tabs[0].id
    room.lose(editor)
    assert viewer.away() == [0]
    assert viewer.lines("a.py") == ("before",)
    again = room.editor()
    again.open(9, "a.py", "after")
    room.settle()
    assert viewer.away() == [None]
    assert [each.id for each in viewer.documents.tabs] == [document]
    assert viewer.lines("a.py") == ("after",)


async def test_an_editor_that_ends_takes_its_documents_along(room: Room) -> None:
    viewer = room.viewer(Role.READ_ONLY)
    editor = room.editor()
    editor.open(1, "a.py", "text")
    room.settle()
    editor.say(ShareDocuments([], is_last=True))
    room.settle()
    assert not viewer.documents.sharers
    assert viewer.documents.document(DocumentId(1)) is None
    assert viewer.has_window("code")


async def test_a_closed_window_ends_the_sharing_until_an_editor_asks_again(room: Room) -> None:
    viewer = room.viewer(Role.READ_ONLY)
    editor = room.editor()
    editor.open(1, "a.py", "text")
    room.settle()
    room.order("kill-window -t code")
    assert editor.states() == ["shared", "closed"]
    assert not viewer.documents.tabs
    editor.type(1, "more")
    room.settle()
    assert not viewer.has_window("code")
    room.editor().open(1, "a.py", "again")
    room.settle()
    assert viewer.has_window("code")
    assert viewer.lines("a.py") == ("again",)


@pytest.mark.parametrize(
    "line",
    [
        "split-window -t code",
        "respawn-pane -k -t code",
        "respawn-window -k -t code",
        "send-keys -t code x",
        "pipe-pane -t code cat",
        "join-pane -s code -t 0",
        "swap-pane -s code -t 0",
    ],
)
async def test_a_command_for_programs_says_that_there_is_none(room: Room, line: str) -> None:
    room.editor()
    assert "no program" in room.refuses(line)


async def test_the_code_window_is_captured_as_a_follower_sees_it(room: Room) -> None:
    editor = room.editor()
    pane = next(each.pane for each in editor.heard if isinstance(each, SharingChanged))
    editor.open(1, "a.py", "one\n\ttwo\x1b")

    def captured(start: int, stop: int, *, is_primary: bool = False) -> list[str]:
        lines = room.actor.capture(start, stop, PaneId(pane), is_primary=is_primary)
        assert lines is not None
        return [row.text.rstrip() for row in lines.rows]

    rows = captured(0, 1000)
    assert rows[0].startswith(" ada: a.py")
    assert [each.split() for each in rows[1:3]] == [["1", "one"], ["2", "two^["]]
    assert len(rows) == 24
    assert captured(1, 3) == rows[1:3]
    assert captured(0, 1000, is_primary=True) == []
    room.lose(editor)
    assert "the editor is away 0 s" in captured(0, 1)[0]


async def test_only_the_owners_processes_may_share(room: Room) -> None:
    guest, owner = room.viewer(Role.READ_WRITE), room.viewer(Role.OWNER)
    for end in (guest, owner):
        with pytest.raises(PeerError):
            end.say(ShareHello("eve", "project", WORKSPACE))
        with pytest.raises(PeerError):
            end.say(ShareDocuments([]))


async def test_the_last_program_ends_a_session_that_shares_code(room: Room) -> None:
    room.editor()
    room.actor._finish(room.session.core.first_pane, 3)
    assert room.actor.closed.done()
    assert room.actor.closed.result().status == 3


async def test_a_text_that_differs_at_the_host_is_sent_again(room: Room) -> None:
    viewer = room.viewer(Role.READ_ONLY)
    editor = room.editor()
    editor.open(1, "a.py", "one\ntwo")
    room.settle()
    document = editor.texts[1]
    editor.texts[1] = replace(document, version=1, checksum=document.checksum ^ 1)
    editor.publish()
    assert [each.is_right for each in editor.heard if isinstance(each, DocumentAck)] == [True, False, False]
    editor.type(1, "right")
    room.settle()
    assert viewer.lines("a.py") == ("right",)


async def test_a_change_is_taken_without_a_client(room: Room) -> None:
    editor = room.editor()
    editor.open(1, "a.py", "x")
    guest = room.viewer(Role.READ_ONLY)
    guest.say(Leave(1))
    guest.heard.clear()
    editor.type(1, "y")
    assert not [each for each in guest.heard if isinstance(each, Documents | DocumentUpdate)]
    guest.say(Join(2, 24, 80, label="::1", token_hash=room.tokens[Role.READ_ONLY]))
    room.settle()
    assert guest.lines("a.py") == ("y",)


async def test_a_guest_who_keeps_looking_away_does_not_keep_the_host_busy(room: Room) -> None:
    """Each look at a text of 2 MiB costs the guest 20 bytes. An honest guest of another link sees all of it at once."""
    editor = room.editor()
    editor.open(1, "large.py", "\n".join(["x" * 1023] * 2048))
    guest = room.viewer(Role.READ_ONLY)
    document = guest.documents.tabs[0].id
    loop = asyncio.get_running_loop()
    guest.heard.clear()
    began_s = loop.time()
    for _ in range(200):
        guest.say(WatchDocuments([]))
        guest.say(WatchDocuments([document]))
    whole = sum(isinstance(each, DocumentUpdate) and each.base == -1 for each in guest.heard)
    assert whole <= 16 + 4 * (loop.time() - began_s) + 1
    honest = room.viewer(Role.READ_ONLY)
    assert honest.lines("large.py") == editor.texts[1].lines
    async with asyncio.timeout(10):  # what the allowance holds back comes by itself
        while guest.lines("large.py") != editor.texts[1].lines:
            await asyncio.sleep(0.01)
            room.settle()
