"""A recording as an SVG: one picture, or an animation that plays in any browser without a script.

A row of the screen is written once for each time in which it stays the same, not once a picture, so the file grows
with what changes. All text is escaped: a recording is foreign text. An animated picture starts again at its end.
Where people ask their system for reduced motion, it stands still at its last picture.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pairterm.record.events import Event, Header
from pairterm.record.markup import BACKGROUND, CELL_PX, FOREGROUND, LINE_PX, row_svg, xml_text
from pairterm.record.pictures import pictures
from pairterm.record.timeline import Timeline, timeline_of
from pairterm.terminal.frame import Frame

__all__ = ["as_svg"]

_EDGE_PX = 10
_CAPTION_PX = 26

_LAST_S = 1.5
"""How long the last picture stays before the first one follows, if the range ends sooner."""

_TYPING_S = 1.0
"""A recorder tells of the same typist once a second: they count as typing for so long."""

_SHARED_CHARS = 40
"""A row that is longer than this and stands at several places is defined once."""

_NAME_COLOURS = ("#7fb4ff", "#8fcf78", "#e3bd6f", "#c792ea", "#ff8d95", "#5cc7cf")


@dataclass(frozen=True, slots=True)
class _Span:
    """Markup that shows from the picture `first` to before the picture `stop`."""

    first: int
    stop: int
    row: int
    markup: str


def as_svg(header: Header, events: Sequence[Event], *, start_s: float = 0.0, stop_s: float | None = None) -> str:
    """Return an SVG of a range. Without a stop it is one picture; else it is animated and names those who type."""
    stop = start_s if stop_s is None else stop_s
    shown = list(pictures(header, events, start_s=start_s, stop_s=stop))
    times = [at_s for at_s, _ in shown]
    total_s = max(stop - start_s, times[-1] + _LAST_S)
    is_animated = stop_s is not None and len(shown) > 1
    spans = list(_rows_over_time([frame for _, frame in shown]))
    intervals = sorted({(each.first, each.stop) for each in spans} - {(0, len(shown))})
    timeline = timeline_of(events) if is_animated else Timeline()
    names = [name for name in timeline.people if any(_typed(timeline, name, start_s, stop))]
    cols = max(frame.size.cols for _, frame in shown)
    rows = max(frame.size.rows for _, frame in shown)
    width = cols * CELL_PX + 2 * _EDGE_PX
    height = rows * LINE_PX + 2 * _EDGE_PX + (_CAPTION_PX if names else 0)

    rules = [_STYLE]
    if is_animated:
        rules.append(_animated(total_s))
        ends = [*times, total_s]
        rules += [_rule(f"k{a}-{b}", [(ends[a], ends[b])], total_s) for a, b in intervals]
    caption = ""
    for at, name in enumerate(names):
        rules.append(_rule(f"p{at}", _merged(_typed(timeline, name, start_s, stop)), total_s))
    if names:
        caption = _caption(names, rows * LINE_PX + 4)
    title = xml_text(header.title or "a recorded terminal")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{-_EDGE_PX} {-_EDGE_PX} {width:.0f} {height:.0f}" '
        f'width="{width:.0f}" height="{height:.0f}" role="img"><title>{title}</title><style>{"".join(rules)}</style>'
        f'<rect x="{-_EDGE_PX}" y="{-_EDGE_PX}" width="100%" height="100%" rx="6" fill="{BACKGROUND}"/>'
        f"{_body(spans, len(shown))}{caption}</svg>\n"
    )


_STYLE = (
    f"text{{font:14px ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace;fill:{FOREGROUND};white-space:pre}}"
    ".b{font-weight:bold}.i{font-style:italic}.d{opacity:.6}"
)


def _animated(total_s: float) -> str:
    return (
        f".f{{visibility:hidden;animation:{total_s:.2f}s step-end infinite}}"
        "@media(prefers-reduced-motion:reduce){.f{animation:none}.l{visibility:visible}}"
    )


def _rows_over_time(frames: Sequence[Frame]) -> Iterator[_Span]:
    """Yield each row of each time in which it stays the same. Blank rows need nothing."""
    rows = max(frame.size.rows for frame in frames)
    for number in range(rows):
        first, markup = 0, ""
        for at, frame in enumerate(frames):
            now = row_svg(frame.rows[number], frame.cursor, number) if number < frame.size.rows else ""
            if now != markup:
                if markup:
                    yield _Span(first, at, number, markup)
                first, markup = at, now
        if markup:
            yield _Span(first, len(frames), number, markup)


def _body(spans: Sequence[_Span], count: int) -> str:
    """Return the groups of all times. `count` is the number of pictures."""
    uses = Counter(each.markup for each in spans)
    shared = {
        markup: f"r{number}"
        for number, (markup, times) in enumerate(uses.items())
        if times > 1 and len(markup) > _SHARED_CHARS
    }
    groups: dict[tuple[int, int], list[str]] = {}
    for each in spans:
        top = each.row * LINE_PX
        if (name := shared.get(each.markup)) is not None:
            drawn = f'<use href="#{name}" y="{top}"/>'
        else:
            drawn = f'<g transform="translate(0 {top})">{each.markup}</g>' if top else each.markup
        groups.setdefault((each.first, each.stop), []).append(drawn)
    parts = ["<defs>", *(f'<g id="{name}">{markup}</g>' for markup, name in shared.items()), "</defs>"]
    for (first, stop), drawn_rows in sorted(groups.items()):
        whole = (first, stop) == (0, count)
        last = " l" if stop == count else ""
        style = "" if whole else f' class="f{last}" style="animation-name:k{first}-{stop}"'
        parts.append(f"<g{style}>{''.join(drawn_rows)}</g>")
    return "".join(parts)


def _typed(timeline: Timeline, name: str, start_s: float, stop_s: float) -> Iterator[tuple[float, float]]:
    """Yield the times in which a person types, from the start of the range."""
    for span in timeline.typed_by(name):
        first, stop = max(span.start_s, start_s), min(span.stop_s + _TYPING_S, stop_s)
        if first < stop:
            yield first - start_s, stop - start_s


def _merged(times: Iterator[tuple[float, float]]) -> list[tuple[float, float]]:
    merged: list[tuple[float, float]] = []
    for first, stop in times:
        if merged and first <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(stop, merged[-1][1]))
        else:
            merged.append((first, stop))
    return merged


def _rule(name: str, times: Sequence[tuple[float, float]], total_s: float) -> str:
    """Return the keyframes by which something shows in these times, and is hidden in between."""
    steps: dict[str, str] = {"0%": "hidden"}
    for first_s, stop_s in times:
        steps[_percent(first_s, total_s)] = "visible"
        steps[_percent(stop_s, total_s)] = "hidden"
    shown = "".join(f"{at}{{visibility:{state}}}" for at, state in steps.items() if at != "100%")
    return f"@keyframes {name}{{{shown}}}"


def _percent(at_s: float, total_s: float) -> str:
    return f"{at_s / total_s * 100:.3f}".rstrip("0").rstrip(".") + "%"


def _caption(names: Sequence[str], top: float) -> str:
    """Return a line with the names of those who type in this range. A name is bright while its person types."""
    parts, left = [], 0.0
    for at, name in enumerate(names):
        colour, text = _NAME_COLOURS[at % len(_NAME_COLOURS)], xml_text(name)
        for look in ('opacity=".35"', f'class="f" style="animation-name:p{at}"'):
            parts.append(
                f'<g {look}><circle cx="{left + 5:.0f}" cy="{top + 9:.0f}" r="4" fill="{colour}"/>'
                f'<text x="{left + 15:.0f}" y="{top + 14:.0f}" style="fill:{colour}">{text}</text></g>'
            )
        left += 15 + len(name) * CELL_PX + 22
    return "".join(parts)
