"""What programs may print, for property tests: pieces that follow the grammar of ESC, CSI, OSC, DCS and UTF-8.

`programs` is anything; `tame_programs` leaves out what pairterm and xterm.js are known, and
documented, to do differently. A program is a list of pieces, so that a failure shrinks to
the pieces that matter.
"""

from __future__ import annotations

from hypothesis import strategies as st

from pairterm.types import Size

__all__ = ["floods", "joined", "programs", "sizes", "tame_programs"]

_WORDS = (
    "A", "hello", "The quick brown fox", "0123456789", "x y", "naïve", "漢字", "a漢", "ab漢字cd", "한국어",
    "│─┐", "ｱ", "Ω",
)  # fmt: skip
_CLUSTERS = (
    "e\u0301", "\u0301", "\u200d", "\ufe0f", "❤\ufe0f", "👩\u200d💻", "👍🏽", "🏽", "🇩🇪", "🇩", "1\ufe0f\u20e3",
    "♀", "☎", "\u200b", "x\u2028", "אב\u200f",
    "\u00ad", "हिन्दी", "\u202e", "⌚\ufe0e", "😀", "x\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308\u0309\u030a",
)  # fmt: skip
_numbers = st.sampled_from(["", "0", "1", "2", "3", "5", "7", "20", "25", "300", "99999999999999"])
_words = st.sampled_from(_WORDS).map(str.encode)
_clusters = st.sampled_from(_CLUSTERS).map(str.encode)
_lines = st.sampled_from([b"\r\n", b"\n", b"\r", b"\t", b"\b", b"\x0b"])


_counts = st.sampled_from(["", "0", "1", "2", "3", "5", "25", "300"])
"""Not the huge one: xterm.js carries a REP of 2³¹ characters out."""


def _csi(finals: list[str]) -> st.SearchStrategy[bytes]:
    return st.builds(lambda number, final: f"\x1b[{number}{final}".encode(), _counts, st.sampled_from(finals))


_moves = _csi(["A", "B", "C", "D", "E", "F", "G", "I", "Z", "`", "a", "d", "e"])
_edits = _csi(["@", "P", "X", "L", "M", "S", "b", " @", " A"])
_places = st.builds(
    lambda row, col, final: f"\x1b[{row};{col}{final}".encode(), _numbers, _numbers, st.sampled_from("Hfr")
)
_erasures = st.builds(
    lambda how, final: f"\x1b[{how}{final}".encode(), st.sampled_from(["", "0", "1", "2"]), st.sampled_from("JK")
)
_pens = st.sampled_from(
    [
        "",
        "0",
        "1",
        "41",
        "42;3",
        "7",
        "4",
        "4:3",
        "38;5;100",
        "48;2;1;2;3",
        "38:2::7:8:9",
        "22",
        "24;27",
        "39;49",
        "53",
        "2",
        "9",
        "97;101",
        "1;4:2;38;5;7;48:5:200",
    ]
).map(lambda parameters: f"\x1b[{parameters}m".encode())
_switches = st.sampled_from(
    ["?6h", "?6l", "?7h", "?7l", "4h", "4l", "20h", "20l", "?1049h", "?1049l", "?47h", "?47l"]
).map(lambda tail: f"\x1b[{tail}".encode())
_escapes = st.sampled_from(
    ["D", "E", "M", "H", "[g", "[3g", "7", "8", "[s", "[u", "[!p", "(0", "(B", ")0", "n", "*0"]
).map(lambda tail: b"\x1b" + tail.encode())
_shifts = st.sampled_from([b"\x0e", b"\x0f"])

_tame = st.one_of(_words, _words, _lines, _moves, _edits, _places, _erasures, _pens, _switches, _escapes, _shifts)

_wild_csi = st.builds(
    lambda prefix, parameters, intermediates, final: f"\x1b[{prefix}{parameters}{intermediates}{final}".encode(),
    st.sampled_from(["", "", "?", ">", "<", "="]),
    st.lists(
        st.one_of(_numbers, st.sampled_from(["1:2", "38", "58:5:1", "1049", "2026", "2004", "69", "4"])), max_size=6
    ).map(";".join),
    st.sampled_from(["", "", "", " ", "!", "$", "'", '"', "#", "!#%"]),
    st.sampled_from([chr(code) for code in range(0x40, 0x7F)]),
)
_strings = st.builds(
    lambda opening, content, end: opening + content + end,
    st.sampled_from([b"\x1b]", b"\x1bP", b"\x1b_", b"\x1b^", b"\x1bX", b"\xc2\x9d", b"\xc2\x90"]),
    st.sampled_from(
        [
            "0;title",
            "2;漢字",
            "8;;https://a.b/c",
            "8;;hTTp://A.b/c",
            "8;;",
            "4;1;?",
            "10;?",
            "52;c;aGk=",
            "133;D;1",
            "7;file:///tmp/%41",
            "$qm",
            "+q544e",
            "",
            "x" * 300,
            "a\nb",
        ]
    ).map(str.encode),
    st.sampled_from([b"\a", b"\x1b\\", b"\xc2\x9c", b"\x18", b"", b"\x1b"]),
)
_bytes = st.binary(min_size=1, max_size=6)
_wild_escapes = st.binary(min_size=1, max_size=2).map(lambda tail: b"\x1b" + tail)
_resets = st.sampled_from(
    [
        b"\x1b#8",
        b"\x1bc",
        b"\x1b[?1049h",
        b"\x1b[?2026h",
        b"\x1b[?2026l",
        b"\xc2\x84",
        b"\xc2\x85",
        b"\x7f",
        b'\x1b[1"q',
    ]
)
_wild = st.one_of(_tame, _tame, _clusters, _wild_csi, _strings, _bytes, _wild_escapes, _resets)

programs = st.lists(_wild, max_size=40)
tame_programs = st.lists(_tame, min_size=1, max_size=25)
sizes = st.builds(
    lambda rows, cols: Size(rows=rows, cols=cols), st.sampled_from([1, 2, 5, 6, 24]), st.sampled_from([1, 2, 3, 20, 80])
)

_flood_words = st.sampled_from(
    [b"a", b"hello", b"the quick brown fox", b"x" * 79, b"y" * 80, b"z" * 81, b"w" * 200, b"a\tb", b"\t", b""]
    + [
        text.encode()
        for text in ("漢字かな交じり文", "é" * 30, "字" * 45, "a" + "字" * 45, "e\u0301", "👩\u200d💻", "❤\ufe0f")
    ]
)
_flood_pens = st.sampled_from(
    [b"", b"", b"\x1b[31m", b"\x1b[m", b"\x1b[0m", b"\x1b[1;34m", b"\x1b[38;5;100m", b"\x1b[01;32m", b"\x1b[41m"]
)
_flood_ends = st.sampled_from(
    [b"\r\n"] * 30 + [b"\n", b"\r", b"\x1b[31", "漢".encode(), b"\x1b[H", b"\x1b[2;4r", b"\x1b[?7l", b"\x1b[4h"]
)


@st.composite
def floods(draw: st.DrawFn) -> bytes:
    """Draw many lines: few different ones, repeated, so that it is cheap, with a disturbance here and there."""
    out = []
    for _ in range(draw(st.integers(1, 3))):
        kinds = draw(st.lists(st.tuples(_flood_pens, _flood_words), min_size=1, max_size=4))
        line = b"".join(pen + word for pen, word in kinds) + b"\r\n"
        out.append(line * draw(st.integers(1, 100)))
        out.append(draw(_flood_words) + draw(_flood_ends))
    return b"".join(out)


def joined(program: list[bytes]) -> bytes:
    """Return a program's bytes."""
    return b"".join(program)
