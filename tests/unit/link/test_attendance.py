"""Who is here, as gateways and hosts tell each other: no name of it does anything to a terminal."""

from __future__ import annotations

import pytest

from pairterm.errors import PeerError
from pairterm.link.attendance import MAX_LABEL_CHARS, attendance_from, clean_label
from pairterm.link.messages import AttendanceWire, AttendeeWire


def test_a_label_is_printable_and_has_an_end() -> None:
    assert clean_label("ana\x1b]2;owned\x07\r\n\u202e\x9b") == "ana?]2;owned?????"
    assert len(clean_label("x" * 1000)) == MAX_LABEL_CHARS
    assert clean_label("Zoë 世界") == "Zoë 世界"


@pytest.mark.parametrize("evil", ["\x1b[31m", "a\nb", "\x9b", "\u202e", "\x7f"])
@pytest.mark.parametrize("place", ["label", "typed_last", "size_by", "note"])
def test_a_host_that_sends_one_is_parted_with(evil: str, place: str) -> None:
    texts = {"label": "ana", "typed_last": "ana", "size_by": "ana", "note": "paused"} | {place: evil}
    label = texts.pop("label")
    with pytest.raises(PeerError):
        attendance_from(AttendanceWire([AttendeeWire(label, "rw")], 1, **texts))
