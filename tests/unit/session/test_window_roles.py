"""Roles that are limited to a window: who types where, what it changes for windows, and when it ends."""

from __future__ import annotations

import pytest

from pairterm.errors import UsageError
from pairterm.session.commands.window_syntax import SYNTAX, Right
from pairterm.session.effects import ChangeRole, WritePty
from pairterm.types import ClientId, Role, Size
from tests.unit.session.sessions import Session


def with_two_windows() -> tuple[Session, ClientId, ClientId, ClientId]:
    """Return a session with windows 0 and 1, and its owner, a writer and a watcher, all at window 0."""
    session = Session()
    owner, writer, watcher = session.owner(), session.writer(), session.watcher()
    session.say(owner, "new-window -d")
    return session, owner, writer, watcher


def test_a_watcher_types_in_the_window_that_they_were_granted_and_nowhere_else() -> None:
    session, _, _, watcher = with_two_windows()
    assert session.order("grant 3 rw --window 1") == "guest-3 may type in window 1"
    assert session.told(watcher)[-1] == "you may type in window 1 now"
    assert session.types(watcher) == b""
    assert session.last_role(watcher) == (Role.READ_ONLY, False)
    session.say(watcher, "select-window -t :1")
    assert session.last_role(watcher) == (Role.READ_WRITE, True)
    [written] = [each for each in session.core.input(watcher, b"x", session.now_s) if isinstance(each, WritePty)]
    assert written.pane == session.parts.windows.at(1).active  # type: ignore[union-attr]
    session.order("revoke 3 --window 1")
    assert session.types(watcher) == b""
    assert session.last_role(watcher) == (Role.READ_ONLY, False)


def test_a_watcher_who_is_limited_in_a_window_watches_there_also_when_they_come_by_a_link_to_type() -> None:
    """The owner's word was forgotten, because it changed nothing for somebody who watched anyway."""
    session = Session()
    session.owner()
    session.order("new-window -d")
    watcher = session.guest(session.tokens.read_only, address="203.0.113.1", key="SHA256:a")
    assert session.order("revoke 2 --window 1") == "guest-2 watches in window 1"
    session.leave(watcher)
    again = session.guest(session.tokens.read_write, address="203.0.113.1", key="SHA256:a")
    assert session.types(again) == b"x"
    session.say(again, "select-window -t :1")
    assert session.types(again) == b""


def test_a_writer_who_is_limited_in_a_window_watches_there_and_their_gateway_knows_when_they_follow_there() -> None:
    session, owner, writer, _ = with_two_windows()
    session.order("revoke 2 --window 1")
    assert session.types(writer) == b"x"
    session.say(owner, "select-window -t :1")
    assert session.last_role(writer) == (Role.READ_ONLY, False), "they follow the leader there"
    assert session.types(writer) == b""
    session.say(owner, "select-window -t :0")
    assert session.last_role(writer) == (Role.READ_WRITE, True)
    assert session.types(writer) == b"x"


def test_a_watcher_with_a_window_of_their_own_leads_nobody() -> None:
    session, owner, writer, watcher = with_two_windows()
    session.order("grant 3 rw --window 1")
    session.say(watcher, "select-window -t :1")
    looks = [session.core.window_of(each) for each in (owner, writer, watcher)]
    assert looks == [0, 0, 1]


@pytest.mark.parametrize("line", ["revoke 3", "grant 3 rw", "panic"])
def test_a_role_for_the_session_ends_the_roles_in_windows(line: str) -> None:
    session, _, _, watcher = with_two_windows()
    session.order("grant 3 rw --window 1")
    session.order(line)
    assert session.core.people[watcher].window_roles == ()
    session.say(watcher, "select-window -t :1")
    assert session.types(watcher) == (b"x" if line == "grant 3 rw" else b"")


def test_in_a_panic_nobody_gets_a_window() -> None:
    session, _, _, watcher = with_two_windows()
    session.order("panic")
    with pytest.raises(UsageError, match="panic off"):
        session.order("grant 3 rw --window 1")
    assert not session.core.people[watcher].window_roles


def test_a_role_in_a_window_ends_with_its_time_after_a_warning() -> None:
    session, _, _, watcher = with_two_windows()
    session.order("grant 3 rw --window 1 --for 10m")
    session.say(watcher, "select-window -t :1")
    session.wait(541)
    assert session.told(watcher)[-1] == "you may type in window 1 for 60 more seconds"
    assert session.types(watcher) == b"x"
    session.wait(60)
    assert session.types(watcher) == b""
    assert session.told(watcher)[-1] == "you watch only in window 1 now: the time is over"
    assert session.last_role(watcher) == (Role.READ_ONLY, False)


def test_a_limited_writer_watches_again_after_the_time() -> None:
    session, _, writer, _ = with_two_windows()
    session.order("revoke 2 --window 0")
    session.order("grant 2 rw --window 0 --for 2m")
    assert session.types(writer) == b"x"
    session.wait(121)
    assert session.types(writer) == b""


def test_a_role_in_a_window_ends_with_the_window() -> None:
    session, owner, _, watcher = with_two_windows()
    session.order("grant 3 rw --window 1")
    session.say(owner, "kill-window -t :1")
    session.say(owner, "new-window -d -t :1")
    assert session.core.people[watcher].window_roles == ()
    session.say(watcher, "select-window -t :1")
    assert session.types(watcher) == b""


def test_a_role_in_a_window_comes_back_after_a_lost_link_unless_its_time_is_over() -> None:
    session, _, writer, watcher = with_two_windows()
    session.order("revoke 2 --window 0")
    session.order("grant 3 rw --window 0 --for 2m")
    tickets = session.ticket(writer), session.ticket(watcher)
    session.lose(writer)
    session.lose(watcher)
    session.wait(60)
    again = session.watcher(ticket=tickets[1])
    assert session.types(again) == b"x"
    assert session.types(session.writer(ticket=tickets[0])) == b""
    session.lose(again)
    session.wait(61)
    late = session.watcher(ticket=tickets[1])
    assert session.types(late) == b""
    assert session.last_role(late) == (Role.READ_ONLY, False)


@pytest.mark.parametrize(
    "line",
    [
        "new-window", "new-window -k -t :0", "split-window", "split-window -t :0", "rename-window x",
        "move-window -t :7", "move-window -r", "swap-window -s :0 -t :1", "kill-window", "kill-window -a -t :1",
        "select-pane -T x", "resize-pane -R 2", "resize-border %0 %2 5", "swap-pane -s :0 -t :1", "swap-pane -D",
        "rotate-window", "break-pane", "join-pane -s :0 -t :1", "join-pane -s :1 -t :0", "move-pane -s :0.0 -t :1",
        "kill-pane", "kill-pane -a", "respawn-pane -k", "respawn-window -k", "clear-history",
        "select-layout tiled", "next-layout", "previous-layout",
    ],
)  # fmt: skip
def test_a_command_changes_only_windows_where_its_sender_may_type(line: str) -> None:
    """Somebody who may type in window 1 only, and looks at window 0."""
    session, owner, _, watcher = with_two_windows()
    session.say(owner, "split-window -h")
    session.order("grant 3 rw --window 1")

    def described() -> list[tuple[int, str, str, list[int], list[str]]]:
        return [
            (
                each.index,
                each.name,
                each.layout.notation,
                list(each.panes),
                [p.frame().title for p in each.panes.values()],
            )
            for each in session.parts.windows
        ]

    before = described()
    session.say(watcher, line)
    assert session.told(watcher)[-1] in ("you may only watch in window 0", "you may type in some windows only")
    assert described() == before


def test_each_command_that_changes_windows_is_tried() -> None:
    [mark] = [
        each
        for each in test_a_command_changes_only_windows_where_its_sender_may_type.pytestmark  # type: ignore[attr-defined]
        if each.name == "parametrize"
    ]
    tried = {line.split()[0] for line in mark.args[1]}
    assert {each.name for each in SYNTAX if each.right in (Right.TYPE, Right.TYPE_EVERYWHERE)} <= tried


def test_in_their_window_they_split_and_close_panes() -> None:
    session, _, _, watcher = with_two_windows()
    session.order("grant 3 rw --window 1")
    session.say(watcher, "split-window -t :1")
    window = session.parts.windows.at(1)
    assert window is not None
    assert len(window.panes) == 2
    session.say(watcher, "kill-pane -t :1.1")
    assert len(window.panes) == 1


def test_the_window_s_size_counts_those_who_may_type_in_it() -> None:
    session, _, _, watcher = with_two_windows()
    session.say(watcher, "select-window -t :1")
    session.take(session.core.resize(watcher, Size(rows=20, cols=60), session.now_s))
    session.now_s += 1
    session.order("grant 3 rw --window 1")
    window = session.parts.windows.at(1)
    assert window is not None
    assert window.size == Size(rows=20, cols=60)


def test_somebody_with_one_window_drives_there_until_their_role_ends() -> None:
    session, owner, _, watcher = with_two_windows()
    session.order("grant 3 rw --window 1")
    session.say(owner, "set seat on")
    session.say(watcher, "select-window -t :1")
    assert session.types(watcher) == b""
    session.say(owner, "give 3")
    assert session.told(owner)[-1] == "guest-3 watches only in window 0: 'grant' first"
    session.say(owner, "give 3 --window 1")
    assert session.types(watcher) == b"x"
    session.order("revoke 3 --window 1")
    drivers, windows = session.parts.drivers, session.parts.windows
    assert {drivers.of(each.id) for each in windows} == {owner}, "who may type nowhere has no keyboard"


def test_a_line_that_waits_for_the_owner_is_dropped_with_the_right_to_its_window() -> None:
    session, owner, _, watcher = with_two_windows()
    session.order("grant 3 rw --window 1")
    session.say(owner, "set confirm-enter on")
    session.say(watcher, "select-window -t :1")
    session.types(watcher, b"ls\r")
    assert len(session.core.requests) == 1
    session.order("revoke 3 --window 1")
    assert session.core.requests == []


def test_in_a_pause_the_role_does_not_tell_where_the_others_go() -> None:
    session, owner, writer, _ = with_two_windows()
    session.order("revoke 2 --window 1")
    session.say(owner, "pause on")
    before = len(session.effects)
    session.say(owner, "select-window -t :1")
    session.say(owner, "select-window -t :0")
    assert not [each for each in session.effects[before:] if getattr(each, "client", None) == writer]
    session.say(owner, "pause off")
    assert session.types(writer) == b"x"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("grant 1 rw --window 1", "one of your own"),
        ("grant 3 rw --window 7", "can't find window"),
        ("grant 3 ro --window 1 --for 10m", "--for limits"),
        ("revoke 3 --window", "--window needs a value"),
    ],
)
def test_a_role_in_a_window_that_can_t_be_given(line: str, why: str) -> None:
    session, _, _, watcher = with_two_windows()
    with pytest.raises(UsageError, match=why):
        session.order(line)
    assert not session.core.people[watcher].window_roles


def test_the_list_of_people_shows_where_each_one_looks_but_not_in_hidden_windows() -> None:
    session, owner, writer, _ = with_two_windows()
    session.order("grant 3 rw --window 1")
    session.say(owner, "follow off")
    session.say(owner, "select-window -t :1")
    session.say(owner, "set-window hidden on -t :1")
    session.say(owner, "who")
    rows = session.told(owner)[-1].splitlines()
    assert rows[1].split()[:4] == ["1", "olga", "owner", "1"]
    assert rows[3].split("\t")[0].split()[:4] == ["3", "guest-3", "ro", "0"]
    assert "rw in window 1" in rows[3]
    session.say(writer, "who")
    rows = session.told(writer)[-1].splitlines()
    assert rows[1].split()[:4] == ["1", "olga", "owner", "local"]
    assert "in window" not in session.told(writer)[-1]


def test_a_role_in_a_window_comes_back_with_the_guests_key_and_with_nobody_else() -> None:
    session = Session()
    owner = session.owner()
    session.say(owner, "new-window")
    watcher = session.watcher(key="SHA256:ana")
    session.order("grant 2 rw --window 1")
    assert session.types(watcher) == b"x"
    session.leave(watcher)
    assert session.types(session.watcher(key="SHA256:ana")) == b"x"
    assert session.types(session.watcher(key="SHA256:bo")) == b""
    assert session.types(session.watcher()) == b""


def test_a_limit_in_a_window_comes_back_with_the_guests_key_too() -> None:
    session = Session()
    owner = session.owner()
    session.say(owner, "new-window")
    writer = session.writer(key="SHA256:ana")
    session.order("revoke 2 --window 1")
    session.leave(writer)
    back = session.writer(key="SHA256:ana")
    assert session.types(back) == b""
    session.order("grant 3 rw")
    session.leave(back)
    assert session.types(session.writer(key="SHA256:ana")) == b"x", "a grant without a window ends the limit"


@pytest.mark.parametrize("order", ["revoke 2", "kick 2", "panic", "link rotate ro --kick"])
def test_a_right_to_a_window_that_was_taken_back_does_not_return_with_the_key(order: str) -> None:
    session = Session()
    owner = session.owner()
    session.say(owner, "new-window")
    watcher = session.watcher(key="SHA256:ana")
    session.order("grant 2 rw --window 1")
    session.order(order)
    session.leave(watcher)
    session.order("panic off")
    token = session.parts.admission.invitations.first_token(Role.READ_ONLY)
    assert session.types(session.guest(token, key="SHA256:ana")) == b""


def test_a_right_to_a_window_for_a_time_ends_while_its_guest_is_away() -> None:
    session = Session()
    owner = session.owner()
    session.say(owner, "new-window")
    watcher = session.watcher(key="SHA256:ana")
    session.order("grant 2 rw --window 1 --for 10m")
    session.leave(watcher)
    session.wait(300)
    back = session.watcher(key="SHA256:ana")
    assert session.types(back) == b"x"
    session.leave(back)
    session.wait(301)
    assert session.types(session.watcher(key="SHA256:ana")) == b""


def test_a_role_changes_with_the_window_but_nobody_granted_that() -> None:
    """The gateway's audit had a role line each time a guest with a limit went to another window."""
    session, owner, writer, _ = with_two_windows()
    session.order("revoke 2 --window 1")
    for index in (1, 0):
        session.say(owner, f"select-window -t :{index}")
    session.order("revoke 2")
    told = [(each.role, each.is_granted) for each in session.found(ChangeRole, writer)]
    assert told == [(Role.READ_ONLY, False), (Role.READ_WRITE, False), (Role.READ_ONLY, True)]
