"""A recording in other formats: the screen as text, an animated SVG, a page that plays, JSON, other asciicasts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from html import escape

from pairterm.record.asciicast import CastWriter
from pairterm.record.events import OUTPUT, PEOPLE, RESIZE, SEAL, Event, Header
from pairterm.record.markup import BACKGROUND, CELL_PX, LINE_PX, row_html, row_svg
from pairterm.record.playback import Playback
from pairterm.record.timeline import timeline_of
from pairterm.terminal.frame import Frame

__all__ = ["as_cast", "as_html", "as_json", "as_svg", "as_text", "pictures"]

_MIN_STEP_S = 0.04
"""Pictures that follow each other faster than this are shown as one."""


def pictures(
    header: Header, events: Sequence[Event], *, start_s: float = 0.0, stop_s: float = float("inf")
) -> Iterator[tuple[float, Frame]]:
    """Yield the pictures of a range with their times since its start. The first is the one at its start."""
    playback = Playback(header, events)
    frame = playback.seek(start_s)
    pending: tuple[float, Frame] = (0.0, frame)
    while playback.position < len(events) and events[playback.position].time_s <= stop_s:
        event = playback.step()
        if event.code not in (OUTPUT, RESIZE):
            continue
        at_s = event.time_s - start_s
        if at_s >= pending[0] + _MIN_STEP_S:
            yield pending
            pending = (at_s, playback.frame)
        else:
            pending = (pending[0], playback.frame)
    yield pending


def as_text(header: Header, events: Sequence[Event], at_s: float) -> str:
    """Return the screen at a time as text, without trailing spaces."""
    rows = [row.text.rstrip() for row in Playback(header, events).seek(at_s).rows]
    while rows and not rows[-1]:
        rows.pop()
    return "".join(f"{row}\n" for row in rows)


def as_cast(header: Header, events: Sequence[Event], version: int) -> str:
    """Return an asciicast without seals, because they would not fit its lines."""
    writer = CastWriter(replace(header, version=version, key="", follows=""))
    return writer.header() + "".join(writer.event(each) for each in events if each.code != SEAL)


def as_json(header: Header, events: Sequence[Event]) -> str:
    """Return what happened beside the screen: the people, who typed when, markers, news."""
    timeline = timeline_of(events)
    found = {
        "title": header.title,
        "timestamp": header.timestamp,
        "cols": header.size.cols,
        "rows": header.size.rows,
        "duration_s": timeline.duration_s,
        "people": timeline.people,
        "typed": [asdict(each) for each in timeline.spans],
        "markers": timeline.markers,
        "news": timeline.news,
        "events": [[each.time_s, each.code, each.data] for each in events if each.code in (PEOPLE, RESIZE)],
    }
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


def as_svg(header: Header, events: Sequence[Event], *, start_s: float = 0.0, stop_s: float | None = None) -> str:
    """Return an SVG: of a range it is animated and starts again at its end; without a stop it is one picture."""
    stop = start_s if stop_s is None else stop_s
    shown = list(pictures(header, events, start_s=start_s, stop_s=stop))
    cols = max(frame.size.cols for _, frame in shown)
    rows = max(frame.size.rows for _, frame in shown)
    width, height = cols * CELL_PX, rows * LINE_PX
    total_s = max(stop - start_s, shown[-1][0] + 1.0, 0.001)
    groups, rules = [], []
    for number, (at_s, frame) in enumerate(shown):
        body = "".join(row_svg(row, at, frame.cursor) for at, row in enumerate(frame.rows))
        groups.append(f'<g class="f f{number}">{body}</g>' if len(shown) > 1 else f"<g>{body}</g>")
        until_s = shown[number + 1][0] if number + 1 < len(shown) else total_s
        rules.append(_visible(number, at_s / total_s * 100, until_s / total_s * 100))
    style = "text{font:14px ui-monospace,Menlo,Consolas,monospace;fill:#d8d8d8}.f{visibility:hidden;"
    style += f"animation:{total_s:.3f}s step-end infinite}}"
    style += "".join(rules) if len(shown) > 1 else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-8 -8 {width + 16:.0f} {height + 16:.0f}" '
        f'width="{width + 16:.0f}" height="{height + 16:.0f}"><style>{style}</style>'
        f'<rect x="-8" y="-8" width="100%" height="100%" rx="6" fill="{BACKGROUND}"/>{"".join(groups)}</svg>\n'
    )


def _visible(number: int, start: float, stop: float) -> str:
    """Return the rules that show a picture from one percentage of the time to another."""
    before = "0%{visibility:hidden}" if start > 0 else ""
    after = f"{stop:.4f}%{{visibility:hidden}}" if stop < 100 else ""
    frames = f"{before}{start:.4f}%{{visibility:visible}}{after}"
    return f"@keyframes k{number}{{{frames}}}.f{number}{{animation-name:k{number}}}"


def as_html(header: Header, events: Sequence[Event], *, start_s: float = 0.0, stop_s: float = float("inf")) -> str:
    """Return one page that plays the recording, without any other file."""
    steps: list[list[object]] = []
    before: Frame | None = None
    for at_s, frame in pictures(header, events, start_s=start_s, stop_s=stop_s):
        changed = {
            number: row_html(row, number, frame.cursor)
            for number, row in enumerate(frame.rows)
            if before is None
            or before.size != frame.size
            or row is not before.rows[number]
            or (before.cursor != frame.cursor and number in (before.cursor.row, frame.cursor.row))
        }
        steps.append([round(at_s, 3), frame.size.rows, changed])
        before = frame
    timeline = timeline_of(events)
    spans = [[each.name, each.start_s - start_s, each.stop_s - start_s] for each in timeline.spans]
    marks = [[at_s - start_s, text] for at_s, text in timeline.markers]
    data = json.dumps({"steps": steps, "spans": spans, "marks": marks}).replace("<", "\\u003c")
    title = escape(header.title or "recording")
    return _PAGE.replace("@TITLE@", title).replace("@BACKGROUND@", BACKGROUND).replace("@DATA@", data)


_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>@TITLE@</title>
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<style>
body{margin:0;background:#000;color:#d8d8d8;font:14px ui-monospace,Menlo,Consolas,monospace}
pre{margin:1em;padding:8px;background:@BACKGROUND@;line-height:18px;display:inline-block;min-width:40ch}
nav{position:sticky;bottom:0;background:#222;padding:6px 1em;display:flex;gap:1em;align-items:center}
input{flex:1}
</style></head><body><pre id="screen"></pre>
<nav><button id="play">play</button><input id="at" type="range" min="0" step="0.01" aria-label="time">
<span id="time"></span><span id="who"></span>
<select id="speed" aria-label="speed"><option value="0.5">0.5×</option><option value="1" selected>1×</option>
<option value="2">2×</option><option value="4">4×</option><option value="16">16×</option></select></nav>
<script type="application/json" id="data">@DATA@</script>
<script>
"use strict";
const {steps, spans, marks} = JSON.parse(document.getElementById("data").textContent);
const find = (id) => document.getElementById(id);
const length = steps[steps.length - 1][0] + 1;
let next = 0, rows = [], now = 0, before = 0, playing = false;
find("at").max = length;
function clock(s) { s = Math.floor(s); return Math.floor(s / 60) + ":" + String(s % 60).padStart(2, "0"); }
function show(at) {
  if (next && steps[next - 1][0] > at) { next = 0; rows = []; }
  while (next < steps.length && (next === 0 || steps[next][0] <= at)) {
    const [, count, changed] = steps[next++];
    rows.length = count;
    for (const number in changed) rows[number] = changed[number];
  }
  find("screen").innerHTML = rows.join("\\n");
  find("at").value = now = at;
  find("time").textContent = clock(at) + " / " + clock(length);
  const typing = spans.filter(([, start, stop]) => start <= at && at <= stop + 1).map(([name]) => name);
  const mark = marks.filter(([time]) => time <= at && at < time + 3).map(([, text]) => text);
  find("who").textContent = (typing.length ? [...new Set(typing)].join(", ") + " types" : "") + " " + mark.join(" ");
}
function tick(time) {
  if (!playing) return;
  show(Math.min(length, now + (time - before) / 1000 * Number(find("speed").value)));
  before = time;
  if (now >= length) toggle(); else requestAnimationFrame(tick);
}
function toggle() {
  playing = !playing;
  find("play").textContent = playing ? "pause" : "play";
  if (playing) { if (now >= length) now = 0; before = performance.now(); requestAnimationFrame(tick); }
}
find("play").onclick = toggle;
find("at").oninput = () => show(Number(find("at").value));
document.onkeydown = (event) => {
  if (event.key === " ") { event.preventDefault(); toggle(); }
  if (event.key === "ArrowLeft") show(Math.max(0, now - 5));
  if (event.key === "ArrowRight") show(Math.min(length, now + 5));
};
show(0);
</script></body></html>
"""
