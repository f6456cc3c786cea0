"""The state of one client's keys: whether the prefix was pressed, and the meaning of the next key.

It turns pieces of input into `Stroke`s: one for each key of ours, and one for each run
of other bytes. Repeatable commands work without the prefix for `REPEAT_S` after the
last one. For a client that only watches, a key counts only if no other key is near it
(see `lone_keys`). No clock: `now_s` is an argument.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import msgspec

from pairterm.view.bindings import Binding, Bindings, Table
from pairterm.view.input_pieces import Piece, PieceKind
from pairterm.view.key_commands import Repeats, repeats
from pairterm.view.key_names import Key, key_of
from pairterm.view.lone_keys import LoneKeys, is_printable, is_typed_in_lines
from pairterm.view.mouse import is_mouse

__all__ = ["REPEAT_S", "KeyState", "Stroke"]

REPEAT_S = 0.5
"""tmux's repeat-time."""

_CHARACTER = re.compile(
    rb"[\x00-\x7f]|[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}|.", re.S
)

_HINT_PAUSE_S = 30.0
"""If a watcher's last ignored key was so long ago, the next one tells them again why their keys do nothing."""

_MAX_OWN_KEYS = 1024
"""The most characters that are examined at once while none can be typed into the session. Nobody presses more keys at
once, and noise costs the gateway time."""

_MAX_PLAIN = 512
"""How many sequences are remembered as no keys of ours. A keyboard has fewer keys."""


class Stroke(msgspec.Struct, frozen=True):
    """Bytes, and their command. None: they are typed, or they have no meaning."""

    data: bytes
    command: Binding | None = None
    note: str = ""
    """Not "": the key does nothing, and this text tells the person why."""


@lru_cache(maxsize=64)
def _pattern_of(keys: frozenset[str]) -> re.Pattern[bytes]:
    """Return a pattern that matches the ASCII characters among these keys."""
    singles = b"".join(re.escape(bytes((code,))) for code in range(128) if key_of(bytes((code,))).name in keys)
    return re.compile(b"[" + singles + b"]" if singles else b"(?!)")


class KeyState:
    """The state of one client's keys. The caller chooses the table for keys without the prefix (`use`)."""

    __slots__ = (
        "_bindings",
        "_ignored_s",
        "_interrupts",
        "_is_after_prefix",
        "_is_over_watching",
        "_known_plain",
        "_lone",
        "_plain_keys",
        "_releases",
        "_repeat_until_s",
        "_repeats",
        "_table",
    )

    def __init__(self, bindings: Bindings, table: Table) -> None:
        self._bindings = bindings
        self._is_after_prefix = False
        self._repeat_until_s = float("-inf")
        self._repeats: Repeats | None = None
        self._releases: set[str] = set()
        self._known_plain: dict[bytes, bool] = {}
        self._lone: LoneKeys[Stroke] = LoneKeys()
        self._ignored_s = float("-inf")
        self._is_over_watching = False
        self.use(table)

    @property
    def prefix(self) -> str:
        """The prefix key's name."""
        return self._bindings.prefix

    def use(self, table: Table, *, is_over_watching: bool = False) -> None:
        """Use this table for keys without the prefix from now on.

        `is_over_watching`: keys that are not in it have the meaning that they have for a client that only watches.
        """
        self._lone.cancel()
        self._table = table
        self._is_over_watching = is_over_watching
        self._interrupts = _pattern_of(frozenset((self._bindings.prefix, *self._bindings.tables[table])))
        self._known_plain.clear()
        self._plain_keys: frozenset[bytes] | None = None

    def is_text(self, data: bytes, now_s: float) -> bool:
        """Return whether data has only characters to be typed: none is a key of ours, and other keys are typed."""
        return (
            self._table is Table.ROOT
            and not self._is_after_prefix
            and now_s >= self._repeat_until_s
            and data != b""
            and b"\x1b" not in data
            and self._interrupts.search(data) is None
        )

    def plain_keys(self, now_s: float) -> frozenset[bytes]:
        """Return the single bytes for which `is_text` is true now; none while a key before them has to be obeyed."""
        if self._table is not Table.ROOT or self._is_after_prefix or now_s < self._repeat_until_s:
            return frozenset()
        if self._plain_keys is None:
            keys = [bytes([code]) for code in range(256)]
            self._plain_keys = frozenset([each for each in keys if self.is_text(each, now_s)])
        return self._plain_keys

    def is_plain(self, data: bytes, now_s: float) -> bool:
        """Return whether a sequence is no key of ours, and no prefix or repeatable command comes before it."""
        if self._is_after_prefix or now_s < self._repeat_until_s:
            return False
        known = self._known_plain.get(data)
        if known is None:
            if len(self._known_plain) >= _MAX_PLAIN:
                self._known_plain.clear()
            key = key_of(data)
            is_bound = key.name == self._bindings.prefix or key.name in self._bindings.tables[self._table]
            known = self._known_plain[data] = not (is_bound or key.is_release or is_mouse(data))
        return known

    @property
    def wake_at_s(self) -> float | None:
        """When `due` has a stroke to return. None: not before more input arrives."""
        return self._lone.due_s

    def due(self, now_s: float) -> Stroke | None:
        """Return the key that waited without another key near it, once. None: there is no such key."""
        return self._lone.take_due(now_s)

    def reset(self) -> None:
        """Forget that the prefix was pressed."""
        self._is_after_prefix = False
        self._repeat_until_s = float("-inf")

    def begin_watching(self, now_s: float) -> None:
        """Treat the next keys as the rest of a word: the person may have been typing when they lost their role."""
        self._lone.note_text(now_s)
        self._ignored_s = float("-inf")

    def strokes(self, piece: Piece, now_s: float) -> Iterator[Stroke]:
        """Yield the strokes of a piece of input, key by key. A change of table takes effect at the next key."""
        match piece.kind:
            case PieceKind.PASTE:
                self.reset()
                self._lone.note_text(now_s)
                yield Stroke(piece.data, note=self._ignored(now_s) if self._table is Table.READ_ONLY else "")
            case PieceKind.SEQUENCE:
                yield from self._press(piece.data, now_s)
            case PieceKind.TEXT:
                yield from self._text(piece.data, now_s)

    def _text(self, data: bytes, now_s: float) -> Iterator[Stroke]:
        if self._table is not Table.ROOT and len(data) > _MAX_OWN_KEYS:
            data = data[:_MAX_OWN_KEYS]
            self._lone.note_text(now_s)
        at = 0
        while at < len(data):
            if not self._is_after_prefix and now_s >= self._repeat_until_s and self._table is Table.ROOT:
                found = self._interrupts.search(data, at)
                end = found.start() if found is not None else len(data)
                if end > at:
                    yield Stroke(data[at:end])
                    at = end
                    continue
            character = _CHARACTER.match(data, at)
            assert character is not None  # the pattern's last branch takes any byte
            at = character.end()
            yield from self._press(character[0], now_s)

    def _press(self, data: bytes, now_s: float) -> Iterator[Stroke]:
        key = key_of(data)
        if key.is_release:
            if key.name in self._releases:
                self._releases.discard(key.name)  # the press was ours, so the release is ours too
            else:
                yield Stroke(data)
            return
        self._releases.discard(key.name)
        yield from self._after_prefix(key, data, now_s) if self._is_after_prefix else self._plain(key, data, now_s)

    def _after_prefix(self, key: Key, data: bytes, now_s: float) -> Iterator[Stroke]:
        if not key.name:
            yield Stroke(data)  # a modifier key, a mouse report, a focus event: the prefix stays pressed
            return
        self._is_after_prefix = False
        self._swallow(key)
        command = self._bindings.command(Table.PREFIX, key.name)
        if command is None:
            yield Stroke(data, note=self._bindings.unbound(key.name))
            return
        self._repeats = repeats(command)
        self._repeat_until_s = now_s + REPEAT_S if self._repeats is not None else float("-inf")
        yield Stroke(data, command)

    def _plain(self, key: Key, data: bytes, now_s: float) -> Iterator[Stroke]:
        if now_s < self._repeat_until_s:
            command = self._bindings.command(Table.PREFIX, key.name)
            if self._repeats is not None and repeats(command) is self._repeats:
                self._repeat_until_s = now_s + REPEAT_S
                self._swallow(key)
                yield Stroke(data, command)
                return
            self._repeat_until_s = float("-inf")
        if key.name == self._bindings.prefix:
            self._is_after_prefix = True
            self._lone.cancel()
            self._swallow(key)
            return
        table = self._table
        command = self._bindings.command(table, key.name) if key.name else None
        if command is None and self._is_over_watching:
            table = Table.READ_ONLY
            command = self._bindings.command(table, key.name) if key.name else None
        if command is not None:
            self._swallow(key)
        if table is Table.READ_ONLY:
            yield from self._watch(key, Stroke(data, command), now_s)
            return
        if self._table is not Table.ROOT and is_printable(key.name):
            self._lone.note(key.name, now_s)
        yield Stroke(data, command)

    def _watch(self, key: Key, stroke: Stroke, now_s: float) -> Iterator[Stroke]:
        """Yield the stroke of a key for a client that only watches, unless the key has to wait first."""
        if stroke.command is not None and not is_typed_in_lines(key.name):
            yield stroke
        elif key.name and not is_mouse(stroke.data):
            meaning = stroke if stroke.command is not None else None
            if not self._lone.press(key.name, meaning, now_s):
                yield Stroke(stroke.data, note=self._ignored(now_s))

    def _ignored(self, now_s: float) -> str:
        """Return the text for a watcher whose key does nothing. It is shown the first time, and again after a while."""
        before_s, self._ignored_s = self._ignored_s, now_s
        return self._bindings.watching if now_s >= before_s + _HINT_PAUSE_S else ""

    def _swallow(self, key: Key) -> None:
        if len(self._releases) < 8:  # nobody holds more keys at once
            self._releases.add(key.name)
