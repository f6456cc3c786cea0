"""Messages with one text forged: where texts stand is found by the messages' own types."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import inspect

from pairterm.link.messages import Captured, History, LookAt, PaneWire, RowWire, ScreenUpdate, Windows, WindowWire

__all__ = ["EVIL", "forged", "one_window", "text_places"]

EVIL = [
    "\x1b]0;owned\x07", "\x1b]52;c;aGk=\a", "\x9b2J", "a\r\x00\x7f", "\u202egnp.exe", "\u200f\u061c\u2066", "\u2028",
]  # fmt: skip
"""What a terminal would obey: a title, the clipboard, an erased screen, the cursor, the direction of writing."""

_TEXTS = {
    "host": "gateway.example",
    "public_key": "ssh-ed25519 AAAA",
    "fingerprint": "SHA256:" + 43 * "a",
    "id": 12 * "a",
    "page": "https://example.org/",
    "link": "http://a.example/",
    "web_url": "https://gateway.example/",
}
_NUMBERS = {"rows": 1, "cols": 20}
_TUPLES: dict[str, tuple[Any, ...]] = {
    "cursor": (0, 0, True, 0),
    "modes": (False, False, False, False, 0, 0, 0, 0, False),
}
"""What fields hold by name whose form the types don't tell."""


def text_places(kind: type[Any]) -> list[str]:
    """Return where a message has texts: `text`, `items[]`, `pens[].link`, `bindings{key}`, `new_rows[](0)|0`."""
    return list(dict.fromkeys(_places(inspect.type_info(kind), "")))


def forged(kind: type[Any], place: str, evil: str) -> Any:
    """Return an honest message of this kind in which `evil` is added to the text at this one place."""
    return _fitting(_Forger(place, evil).value(inspect.type_info(kind), "", ""))


def _places(info: inspect.Type, at: str) -> Iterator[str]:
    match info:
        case inspect.StrType():
            yield at
        case inspect.Metadata(type=inner):
            yield from _places(inner, at)
        case inspect.ListType(item_type=item):
            yield from _places(item, f"{at}[]")
        case inspect.DictType(key_type=key, value_type=value):
            yield from _places(key, f"{at}{{key}}")
            yield from _places(value, f"{at}{{value}}")
        case inspect.TupleType(item_types=items):
            for number, item in enumerate(items):
                yield from _places(item, f"{at}({number})")
        case inspect.UnionType(types=types):
            for number, each in enumerate(types):
                yield from _places(each, f"{at}|{number}")
        case inspect.StructType(fields=fields) | inspect.NamedTupleType(fields=fields):
            for field in fields:
                yield from _places(field.type, f"{at}.{field.name}" if at else field.name)


@dataclass(frozen=True)
class _Forger:
    place: str
    evil: str

    def value(self, info: inspect.Type, at: str, name: str) -> Any:  # noqa: C901 -- one case a type of type
        """Return an honest value of a type; the forgery, where it is the one that stands at the place."""
        match info:
            case inspect.StrType():
                return _TEXTS.get(name, "p") + (self.evil if at == self.place else "")
            case inspect.Metadata(type=inner):
                return self.value(inner, at, name)
            case inspect.ListType(item_type=item):
                return [self.value(item, f"{at}[]", "")] if self.place.startswith(f"{at}[]") else []
            case inspect.DictType(key_type=key, value_type=value):
                return {self.value(key, f"{at}{{key}}", ""): self.value(value, f"{at}{{value}}", "")}
            case inspect.TupleType(item_types=items):
                return _TUPLES.get(
                    name, tuple([self.value(item, f"{at}({number})", "") for number, item in enumerate(items)])
                )
            case inspect.UnionType(types=types):
                chosen = next((n for n in range(len(types)) if self.place.startswith(f"{at}|{n}")), 0)
                return self.value(types[chosen], f"{at}|{chosen}", name)
            case inspect.StructType(cls=cls, fields=fields) | inspect.NamedTupleType(cls=cls, fields=fields):
                return cls(
                    **{
                        each.name: self.value(each.type, f"{at}.{each.name}" if at else each.name, each.name)
                        for each in fields
                    }
                )
            case inspect.IntType(ge=least):
                return _NUMBERS.get(name, least or 0)
            case inspect.BoolType():
                return False
            case inspect.FloatType():
                return 0.0
            case inspect.BytesType(min_length=least):
                return bytes(least or 0)
            case inspect.LiteralType(values=values):
                return values[0]
            case inspect.NoneType():
                return None
        raise NotImplementedError(f"no forgery for {type(info).__name__}: teach it here")


def _fitting(message: Any) -> Any:
    """Return a picture with rows that fit its size, so that nothing is wrong with it but its text."""
    if isinstance(message, ScreenUpdate):
        rows = [_wide(row, message.cols) for row in message.new_rows] or [("", [], False)]
        title = message.title or ""
        return msgspec.structs.replace(message, new_rows=rows, title=title, modes=_TUPLES["modes"])
    if isinstance(message, History | Captured):
        return msgspec.structs.replace(message, rows=[_wide(row, message.cols) for row in message.rows])
    return message


def _wide(row: RowWire, cols: int) -> RowWire:
    cells, runs, wrapped = row
    return (cells if isinstance(cells, str) else cells + [" "] * (cols - len(cells)), runs, wrapped)


def one_window(pane: int = 0) -> list[Windows | LookAt]:
    """Return what a host says of its windows before the picture of its only pane."""
    return [Windows([WindowWire(0, 0, "sh", 1, 5, [PaneWire(pane, 0, 0, 1, 5)])]), LookAt(None, 0, pane)]
