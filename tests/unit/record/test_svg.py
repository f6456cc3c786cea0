"""An SVG of a recording shows, at each time, the rows of the frame of that time, and nothing of it is markup."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from pairterm.record.events import Event, Header, people_data
from pairterm.record.playback import Playback
from pairterm.record.svg import as_svg
from pairterm.types import Size

SVG = "{http://www.w3.org/2000/svg}"
HEADER = Header(size=Size(rows=4, cols=40), title="<b>title</b> & more")
EVENTS = [
    Event(0.0, "p", people_data("joined", "<ada>", "rw")),
    Event(1.0, "o", "\x1b[31mred\x1b[m </text><script>alert(1)</script>"),
    Event(2.0, "p", people_data("typed", "<ada>")),
    Event(2.0, "o", "\x1b[2;1H\x1b[7m& more 漢\x1b[m\x1b[3;1H\x1b[1;3;2;4mlooks\x1b[m"),
    Event(2.5, "o", "\x1b[2;1H\x1b[2K"),
    Event(3.0, "r", "50x5"),
    Event(3.0, "o", "\x1b[2;1H\x1b[7m& more 漢\x1b[m\x1b[5;1Hlast row"),
    Event(4.0, "p", people_data("typed", "bea")),
]


def drawn(node: ElementTree.Element, defined: dict[str, ElementTree.Element], top: float) -> list[tuple[int, int, str]]:
    """Return row, column and text of all texts in a group."""
    found = []
    for each in node:
        moved = re.search(r"translate\(0 (\d+)\)", each.get("transform", ""))
        below = top + (float(moved[1]) if moved else 0.0)
        if each.tag == f"{SVG}use":
            found += drawn(defined[each.attrib["href"][1:]], defined, top + float(each.attrib["y"]))
        elif each.tag == f"{SVG}text":
            found.append((round(below / 18), round(float(each.attrib["x"]) / 8.4), each.text or ""))
        else:
            found += drawn(each, defined, below)
    return found


def rows_at(svg: str, share: float) -> list[str]:
    """Return the rows that show at a part of the animation's time, as a browser would."""
    root = ElementTree.fromstring(svg)
    style = root.findtext(f"{SVG}style") or ""
    defined = {each.attrib["id"]: each for each in root.findall(f"{SVG}defs/{SVG}g")}
    rows = [[" "] * 50 for _ in range(6)]
    for group in root.findall(f"{SVG}g"):
        name = re.search(r"animation-name:(k[\d-]+)", group.get("style", ""))
        if group.get("opacity") or "animation-name:p" in group.get("style", ""):
            continue
        if name is not None:
            rule = re.search(rf"@keyframes {name[1]}{{(.*?)}}}}", style)
            assert rule is not None
            steps = re.findall(r"([\d.]+)%{visibility:(\w+)", rule[1])
            if [state for at, state in steps if float(at) <= share * 100][-1] == "hidden":
                continue
        for row, col, text in drawn(group, defined, 0.0):
            for offset, char in enumerate(text.replace("漢", "漢\0")):
                assert rows[row][col + offset] == " ", "nothing is drawn over something else"
                rows[row][col + offset] = char
    return ["".join(row).replace("\0", "").rstrip() for row in rows]


def expected(at_s: float) -> list[str]:
    rows = [row.text.rstrip() for row in Playback(HEADER, EVENTS).seek(at_s).rows]
    return rows + [""] * (6 - len(rows))


@pytest.mark.parametrize("at_s", [0.5, 1.5, 2.2, 2.7, 3.5, 4.0])
def test_an_svg_shows_the_frame_of_each_time(at_s: float) -> None:
    svg = as_svg(HEADER, EVENTS, start_s=0.0, stop_s=4.5)
    assert rows_at(svg, at_s / 4.5) == expected(at_s)


def test_a_still_picture_has_no_animation() -> None:
    svg = as_svg(HEADER, EVENTS, start_s=1.5)
    assert "animation" not in svg
    assert rows_at(svg, 0.0) == expected(1.5)


def test_an_animation_stands_still_for_those_who_want_that_and_names_the_typists() -> None:
    svg = as_svg(HEADER, EVENTS, start_s=0.0, stop_s=4.5)
    assert "prefers-reduced-motion" in svg
    root = ElementTree.fromstring(svg)
    defined = {each.attrib["id"]: each for each in root.findall(f"{SVG}defs/{SVG}g")}
    last = [each for each in root.findall(f"{SVG}g") if " l" in each.get("class", "")]
    whole = [each for each in root.findall(f"{SVG}g") if not each.attrib]
    texts = [text for each in [*last, *whole] for _, _, text in drawn(each, defined, 0.0)]
    assert "last row" in texts
    names = [each.text for each in root.iter(f"{SVG}text") if each.text in ("<ada>", "bea")]
    assert names == ["<ada>", "<ada>", "bea", "bea"]


def test_nothing_of_a_recording_is_markup_in_an_svg() -> None:
    svg = as_svg(HEADER, EVENTS, start_s=0.0, stop_s=4.5)
    root = ElementTree.fromstring(svg)
    kinds = {each.tag.removeprefix(SVG) for each in root.iter()}
    assert kinds <= {"svg", "title", "style", "rect", "defs", "g", "use", "text", "circle"}
    assert root.findtext(f"{SVG}title") == "<b>title</b> & more"
    assert not any(name.startswith("on") for each in root.iter() for name in each.attrib)
    assert "<script" not in svg


def test_an_svg_grows_with_what_changes_and_not_with_its_pictures() -> None:
    rows = "".join(f"\x1b[{row};1Hthis row stays the same from the first picture to the last" for row in range(1, 40))
    header = Header(size=Size(rows=40, cols=80))

    def size(count: int) -> int:
        ticks = [Event(1 + number / 10, "o", f"\x1b[40;1H{number:6}") for number in range(count)]
        return len(as_svg(header, [Event(0.5, "o", rows), *ticks], start_s=0.0, stop_s=1 + count / 10))

    assert size(200) - size(100) < 100 * 400
