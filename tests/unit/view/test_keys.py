"""Names of keys, tables of bindings, and the prefix's state machine."""

import pytest

from pairterm.errors import UsageError
from pairterm.view.bindings import Bindings, KeyCommand, Table
from pairterm.view.input_pieces import Piece, PieceKind
from pairterm.view.key_names import canonical_name, key_of
from pairterm.view.key_state import REPEAT_S, KeyState, Stroke
from pairterm.view.lone_keys import ALONE_S


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"a", "a"),
        (b"A", "A"),
        (b" ", "Space"),
        (b"\r", "Enter"),
        (b"\n", "C-j"),
        (b"\t", "Tab"),
        (b"\x1b", "Escape"),
        (b"\x7f", "BSpace"),
        (b"\x08", "C-h"),
        (b"\x02", "C-b"),
        (b"\x00", "C-Space"),
        (b"\x1f", "C-_"),
        ("é".encode(), "é"),
        (b"\xff", "\ufffd"),
        (b"\x1bx", "M-x"),
        (b"\x1bX", "M-X"),
        (b"\x1b\x02", "C-M-b"),
        (b"\x1b[A", "Up"),
        (b"\x1bOA", "Up"),
        (b"\x1b[1;2A", "S-Up"),
        (b"\x1b[1;5D", "C-Left"),
        (b"\x1b[1;8C", "C-M-S-Right"),
        (b"\x1b\x1b[A", "M-Up"),
        (b"\x1b[5~", "PPage"),
        (b"\x1b[5;2~", "S-PPage"),
        (b"\x1b[6~", "NPage"),
        (b"\x1b[3~", "DC"),
        (b"\x1bOP", "F1"),
        (b"\x1b[11~", "F1"),
        (b"\x1b[[A", "F1"),
        (b"\x1b[15~", "F5"),
        (b"\x1b[24;5~", "C-F12"),
        (b"\x1b[1;2R", "S-F3"),
        (b"\x1b[Z", "BTab"),
        (b"\x1b[98;5u", "C-b"),
        (b"\x1b[100u", "d"),
        (b"\x1b[100;2u", "D"),
        (b"\x1b[98:66;5:1u", "C-b"),
        (b"\x1b[27;5;98~", "C-b"),
        (b"\x1b[13u", "Enter"),
        (b"\x1b[9;2u", "BTab"),
        (b"\x1b[57441;2u", ""),
        (b"\x1b[98;69u", "C-b"),
        (b"\x1b[I", ""),
        (b"\x1b[<64;1;1M", "WheelUpPane"),
        (b"\x1b[<00000064;00000001;0000001M", "WheelUpPane"),
        (b"\x1b[000000000098;00000000005u", "C-b"),
        (b"\x1b[<65;10;3M", "WheelDownPane"),
        (b"\x1b[<0;1;1M", ""),
        (b"\x1b[M !!", ""),
    ],
)
def test_what_terminals_send(data: bytes, name: str) -> None:
    assert key_of(data).name == name


def test_kitty_tells_releases() -> None:
    assert key_of(b"\x1b[98;5:3u").is_release
    assert not key_of(b"\x1b[98;5:1u").is_release
    assert key_of(b"\x1b[1;1:3A").is_release
    assert key_of(b"\x1b[1;1:03A").is_release


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("C-b", "C-b"),
        ("c-B", "C-b"),
        ("^b", "C-b"),
        ("M-x", "M-x"),
        ("S-M-C-Up", "C-M-S-Up"),
        ("PageUp", "PPage"),
        ("pgdn", "NPage"),
        ("Delete", "DC"),
        ("f12", "F12"),
        (" ", "Space"),
        ("S-Tab", "BTab"),
        ("C-@", "C-Space"),
        ("-", "-"),
        ("C--", "C--"),
        (":", ":"),
        ("^", "^"),
        ("é", "é"),
    ],
)
def test_what_configurations_say(said: str, name: str) -> None:
    assert canonical_name(said) == name


@pytest.mark.parametrize("said", ["", "C-", "Ctrl-b", "F13", "xx", "\x1b", "C-M-"])
def test_what_is_no_key(said: str) -> None:
    with pytest.raises(UsageError):
        canonical_name(said)


def test_changes_of_bindings() -> None:
    bindings = Bindings.of(
        "C-a", {"C-x": "detach-client", "d": "none", "root:F12": "list-keys", "copy-mode-vi:x": "cancel"}
    )
    assert bindings.prefix == "C-a"
    assert bindings.command(Table.PREFIX, "C-a") is KeyCommand.SEND_PREFIX
    assert bindings.command(Table.PREFIX, "C-x") is KeyCommand.DETACH
    assert bindings.command(Table.PREFIX, "d") is None
    assert bindings.command(Table.ROOT, "F12") is KeyCommand.HELP
    assert bindings.command(Table.COPY_VI, "x") is KeyCommand.CANCEL
    assert Bindings.of().command(Table.PREFIX, "d") is KeyCommand.DETACH  # the defaults are untouched
    assert Bindings.of(changes={":": "none"}).command(Table.PREFIX, ":") is None


@pytest.mark.parametrize("prefix", ["é", "nonsense", ""])
def test_what_can_be_no_prefix(prefix: str) -> None:
    with pytest.raises(UsageError):
        Bindings.of(prefix)


def test_a_wrong_command_names_the_near_one() -> None:
    with pytest.raises(UsageError, match="detach-client"):
        Bindings.of(changes={"x": "detach-cleint"})


def key_state(table: Table = Table.ROOT, **changes: str) -> KeyState:
    return KeyState(Bindings.of("C-b", changes), table)


def strokes(keys: KeyState, data: bytes, now_s: float = 0.0, kind: PieceKind = PieceKind.TEXT) -> list[Stroke]:
    return list(keys.strokes(Piece(kind, data), now_s))


def test_text_without_the_prefix_stays_in_one_piece() -> None:
    assert strokes(key_state(), b"echo hello\r") == [Stroke(b"echo hello\r")]


def test_the_prefix_and_its_key_may_come_in_one_packet_or_in_two() -> None:
    detach = Stroke(b"d", KeyCommand.DETACH)
    assert strokes(key_state(), b"ls\x02dx") == [Stroke(b"ls"), detach, Stroke(b"x")]
    keys = key_state()
    assert strokes(keys, b"\x02") == []
    assert strokes(keys, b"d") == [detach]


def test_the_prefix_twice_is_the_prefix_once() -> None:
    assert strokes(key_state(), b"\x02\x02") == [Stroke(b"\x02", KeyCommand.SEND_PREFIX)]


def test_an_unbound_key_after_the_prefix_is_not_typed_and_says_so() -> None:
    note = "C-b K is not bound; C-b ? lists the keys"
    assert strokes(key_state(), b"\x02Kx") == [Stroke(b"K", note=note), Stroke(b"x")]


def test_a_paste_has_no_keys_in_it() -> None:
    paste = b"\x1b[200~\x02d\x1b[201~"
    assert strokes(key_state(), paste, kind=PieceKind.PASTE) == [Stroke(paste)]


def test_panning_repeats_for_a_moment_without_the_prefix() -> None:
    keys = key_state()
    up = b"\x1b[1;2A"
    strokes(keys, b"\x02", 1.0)
    assert strokes(keys, up, 1.0, PieceKind.SEQUENCE) == [Stroke(up, KeyCommand.PAN_UP)]
    assert strokes(keys, up, 1.0 + REPEAT_S / 2, PieceKind.SEQUENCE) == [Stroke(up, KeyCommand.PAN_UP)]
    assert strokes(keys, up, 3.0, PieceKind.SEQUENCE) == [Stroke(up)]


def test_after_panning_a_plain_arrow_is_typed() -> None:
    """In tmux it would select a pane. A watcher's arrows pan by themselves, so they went on with the wrong command."""
    keys = key_state()
    strokes(keys, b"\x02", 1.0)
    strokes(keys, b"\x1b[1;2A", 1.0, PieceKind.SEQUENCE)
    assert strokes(keys, b"\x1b[A", 1.1, PieceKind.SEQUENCE) == [Stroke(b"\x1b[A")]
    watching = key_state(Table.READ_ONLY)
    strokes(watching, b"\x02", 1.0)
    strokes(watching, b"\x1b[1;2A", 1.0, PieceKind.SEQUENCE)
    assert strokes(watching, b"\x1b[C", 1.1, PieceKind.SEQUENCE) == [Stroke(b"\x1b[C", KeyCommand.PAN_RIGHT)]


def test_another_key_ends_the_repetition() -> None:
    keys = key_state()
    strokes(keys, b"\x02", 1.0)
    strokes(keys, b"\x1b[A", 1.0, PieceKind.SEQUENCE)
    assert strokes(keys, b"x", 1.1) == [Stroke(b"x")]
    assert strokes(keys, b"\x1b[A", 1.2, PieceKind.SEQUENCE) == [Stroke(b"\x1b[A")]


def test_the_prefix_works_under_kitty_s_keyboard_protocol_and_releases_stay_with_their_presses() -> None:
    keys = key_state()
    assert strokes(keys, b"\x1b[98;5:1u", kind=PieceKind.SEQUENCE) == []
    assert strokes(keys, b"\x1b[98;5:3u", kind=PieceKind.SEQUENCE) == []
    assert strokes(keys, b"\x1b[100u", kind=PieceKind.SEQUENCE) == [Stroke(b"\x1b[100u", KeyCommand.DETACH)]
    assert strokes(keys, b"\x1b[100;1:3u", kind=PieceKind.SEQUENCE) == []
    assert strokes(keys, b"\x1b[97;1:3u", kind=PieceKind.SEQUENCE) == [Stroke(b"\x1b[97;1:3u")]


def test_a_prefix_that_is_a_sequence() -> None:
    keys = KeyState(Bindings.of("F12"), Table.ROOT)
    assert strokes(keys, b"\x1b[24~", kind=PieceKind.SEQUENCE) == []
    assert strokes(keys, b"d") == [Stroke(b"d", KeyCommand.DETACH)]
    assert strokes(keys, b"\x02d") == [Stroke(b"\x02d")]


def test_a_watcher_s_line_has_no_keys_in_it() -> None:
    """A watcher typed `quit` and left at its first letter; `uit` and Enter went to a shell of their own."""
    keys = key_state(Table.READ_ONLY)
    now_s = 0.0
    for data in (b"quit the editor q", *(bytes((letter,)) for letter in b"q [?q: q?")):
        assert keys.due(now_s) is None
        assert all(stroke.command is None for stroke in strokes(keys, data, now_s))
        now_s += 0.9
    assert strokes(keys, b"\x02d", now_s)[-1].command is KeyCommand.DETACH
    assert keys.due(now_s + ALONE_S) is None


@pytest.mark.parametrize("key", [b"q", b"?", b"[", b"\x03", b"\x04"])
def test_a_watcher_s_key_counts_when_it_stands_alone(key: bytes) -> None:
    command = Bindings.of().command(Table.READ_ONLY, key_of(key).name)
    assert command is not None
    for before_s, after_s in ((0.0, None), (0.99, None), (None, 0.99)):
        keys = key_state(Table.READ_ONLY)
        if before_s is not None:
            strokes(keys, b"x", 10.0 - before_s)
        assert [stroke.command for stroke in strokes(keys, key, 10.0)] in ([], [None])
        if after_s is not None:
            strokes(keys, b"x", 10.0 + after_s)
        assert keys.due(11.0) is None
    keys = key_state(Table.READ_ONLY)
    strokes(keys, b"x", 9.0)
    strokes(keys, key, 10.0)
    strokes(keys, key, 10.5)  # the same key again is no other key
    assert keys.wake_at_s == 11.0
    assert keys.due(10.99) is None
    due = keys.due(11.0)
    assert due is not None
    assert due.command is command
    assert keys.due(11.0) is None
    assert keys.wake_at_s is None


def test_a_key_that_is_no_part_of_a_line_counts_at_once_for_a_watcher() -> None:
    keys = key_state(Table.READ_ONLY)
    strokes(keys, b"abc", 1.0)
    assert strokes(keys, b"\x1b[5~", 1.0, PieceKind.SEQUENCE)[0].command is KeyCommand.SCROLLBACK_UP
    strokes(keys, b"q", 5.0)
    strokes(keys, b"\x1b[A", 5.5, PieceKind.SEQUENCE)
    assert keys.due(6.0) is not None


def test_the_first_ignored_key_of_a_watcher_says_what_works() -> None:
    keys = key_state(Table.READ_ONLY)
    text = "you are watching; C-b r asks for the keyboard, C-b d leaves"
    assert [stroke.note for stroke in strokes(keys, b"ls -l\r", 0.0)] == [text, "", "", "", "", ""]
    assert [stroke.note for stroke in strokes(keys, b"\r", 29.0)] == [""]
    assert [stroke.note for stroke in strokes(keys, b"\x1b[200~x\x1b[201~", 59.0, PieceKind.PASTE)] == [text]
    assert strokes(keys, b"\x1b[I", 100.0, PieceKind.SEQUENCE) == []  # nobody pressed this
    no_keys = KeyState(Bindings.of("C-a", {"d": "none", "r": "none"}), Table.READ_ONLY)
    assert strokes(no_keys, b"x", 0.0)[0].note == "you are watching"
