"""The cleaning of a decoded message: every text in it is made safe (see `pairterm.safe_text`)."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

__all__ = ["cleaned"]


def cleaned(value: object, clean: Callable[[str], str]) -> object:
    """Return a part of a decoded message with its texts cleaned. Structs are changed in place: nobody else has them."""
    match value:
        case str():
            return clean(value)
        case list():
            return [cleaned(each, clean) for each in value]
        case tuple():
            return tuple([cleaned(each, clean) for each in value])
        case dict():
            return {cleaned(key, clean): cleaned(each, clean) for key, each in value.items()}
        case msgspec.Struct():
            for name in value.__struct_fields__:
                field = getattr(value, name)
                if (safe := cleaned(field, clean)) is not field:
                    msgspec.structs.force_setattr(value, name, safe)
    return value
