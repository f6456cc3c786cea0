import assert from "node:assert/strict";
import { test } from "node:test";
import { Unicode11Addon } from "@xterm/addon-unicode11";
import { Terminal } from "@xterm/headless";
import type { Terminal as BrowserTerminal } from "@xterm/xterm";
import { pictureOf } from "../src/picture.js";
import { CastReader, NoCast, readCast, sizeOf, type Cast, type Size } from "../src/player/cast.js";
import { Clock, countUntil } from "../src/player/clock.js";
import { Playback, type Keyframe, type Keyframes, type Stage } from "../src/player/playback.js";
import { repainted } from "../src/player/repaint.js";
import { tokenOf } from "../src/player/source.js";
import { Timeline, clockText, drawn } from "../src/player/timeline.js";

const HEADER = { version: 3, term: { cols: 40, rows: 6 }, title: "<b>pair</b>", pairterm: { key: "a2V5" } };

function castOf(events: unknown[][], header: unknown = HEADER): Cast {
  return readCast([header, ...events].map((each) => `${JSON.stringify(each)}\n`).join(""));
}

const person = (time: number, ...data: string[]): unknown[] => [time, "p", JSON.stringify(data)];

// The file.

test("version 3 counts from the event before, version 2 from the beginning", () => {
  const events = [[1, "o", "a"], [0.5, "h", "seal"], [0.5, "r", "50x8"]];
  assert.deepEqual(castOf(events).events.map((each) => each.time), [1, 2]);
  const second = castOf([[1, "o", "a"], [1.5, "o", "b"]], { version: 2, width: 40, height: 6, idle_time_limit: 2 });
  assert.deepEqual(second.events.map((each) => each.time), [1, 1.5]);
  assert.deepEqual([second.header.idleLimit, second.header.isPictures, second.header.size], [2, false, { rows: 6, cols: 40 }]);
});

test("a recording is read in pieces of any length, and its last line may be cut", () => {
  const text = `${JSON.stringify(HEADER)}\n[1, "o", "漢字"]\n# remark\n\n[1, "o", "b"]\n[1, "o", "c`;
  for (const length of [1, 7, 1000]) {
    const reader = new CastReader();
    for (let at = 0; at < text.length; at += length) reader.push(text.slice(at, at + length));
    assert.deepEqual(reader.finish().events.map((each) => each.data), ["漢字", "b"]);
  }
});

test("what is no recording is refused, and no number in one is believed", () => {
  for (const text of ["", "{}", "[]\n", '{"version": 1}\n', "<html>", '{"version": 3, "term": {"cols": 1e9, "rows": 4}}\n']) {
    assert.throws(() => readCast(text), NoCast, text);
  }
  for (const line of ["null", '["1", "o", "x"]', '[1, "o"]', "[1, 2, 3]", "{"]) {
    assert.throws(() => readCast(`${JSON.stringify(HEADER)}\n${line}\n`), NoCast, line);
  }
  assert.deepEqual(castOf([[5, "o", "a"], [-3, "o", "b"], [1e300, "o", "c"]]).events.map((each) => each.time), [5, 5, 316224000]);
  assert.equal(sizeOf("100000x5"), null);
  assert.equal(sizeOf("0x0"), null);
  assert.equal(sizeOf("80x24\n"), null);
});

// The clock.

test("the clock plays at its speed, stops at the end, and shortens pauses", () => {
  const clock = new Clock([1, 2, 100, 101]);
  assert.equal(clock.advance(10), 0, "it begins paused");
  clock.isPaused = false;
  assert.equal(clock.advance(11), 1);
  clock.faster(1);
  assert.equal(clock.advance(11.25), 1.5);
  clock.faster(-100);
  assert.equal(clock.speed, 0.25);
  clock.faster(100);
  assert.equal(clock.speed, 16);
  clock.speed = 1;
  clock.idleLimit = 2;
  assert.equal(clock.advance(12.25), 2.5);
  assert.equal(clock.advance(13.75), 100, "two seconds of the pause were played");
  clock.seek(-5);
  assert.equal(clock.position, 0);
  clock.seek(1e9);
  assert.ok(clock.isAtEnd);
  assert.equal(clock.advance(99), 101);
  assert.equal(new Clock([]).advance(5), 0);
});

test("counting times", () => {
  assert.deepEqual([-1, 0, 0.5, 1, 2, 9].map((each) => countUntil([0, 1, 1, 2], each)), [0, 1, 1, 3, 4, 4]);
});

// Who typed when.

test("the time line says who typed when, and who came and went", () => {
  const { events } = castOf([
    person(0, "joined", "ada", "rw"),
    person(1, "typed", "ada"),
    person(1, "typed", "ada"),
    person(9, "typed-text", "bea", "x"),
    [0.5, "m", "paused"],
    person(0.5, "chat", "bea", "<img src=x>"),
    [0, "p", "no JSON"],
    [0, "p", '{"a": 1}'],
    person(0, "window", "1:vim"),
    person(1, "left", "ada"),
  ]);
  const timeline = new Timeline(events);
  assert.deepEqual(timeline.people, ["ada", "bea"]);
  assert.deepEqual(timeline.spans, [{ name: "ada", start: 1, stop: 2 }, { name: "bea", start: 11, stop: 11 }]);
  assert.deepEqual(timeline.typistsAt(2.5), ["ada"]);
  assert.deepEqual(timeline.typistsAt(5), []);
  assert.deepEqual(timeline.news.map((each) => each.text), ["ada joined", "bea: <img src=x>", "window 1:vim", "ada left"]);
  assert.deepEqual([timeline.markerAfter(0), timeline.markerAfter(11.5), timeline.markerBefore(12), timeline.markerBefore(13)], [11.5, null, null, 11.5]);
  assert.deepEqual([timeline.nextOf("bea", 0), timeline.nextOf("bea", 50), timeline.nextOf("eve", 0)], [11, 11, null]);
});

test("spans that would be drawn as one are one", () => {
  const spans = [0, 1, 2, 900].map((start) => ({ name: "ada", start, stop: start + 0.5 }));
  assert.deepEqual(drawn(spans, 1000).map((each) => [each.start, each.stop]), [[0, 2.5], [900, 900.5]]);
  assert.deepEqual([clockText(0), clockText(62.9), clockText(3723)], ["0:00", "1:02", "1:02:03"]);
});

test("only a token is a token", () => {
  const token = `rec-${"abcdefghijklmnop".repeat(2)}`;
  assert.equal(tokenOf(`#${token}`), token);
  for (const each of ["", "#", "#rw-x", `#${token}x`, `#../${token}`]) assert.equal(tokenOf(each), null);
});

// The screen.

class HeadlessStage implements Stage {
  readonly terminal = new Terminal({ rows: 6, cols: 40, scrollback: 0, allowProposedApi: true });
  resets = 0;

  constructor() {
    this.terminal.loadAddon(new Unicode11Addon() as never);
    this.terminal.unicode.activeVersion = "11";
  }

  reset(size: Size): void {
    this.resets += 1;
    this.terminal.reset();
    this.resize(size);
  }

  resize(size: Size): void {
    this.terminal.resize(size.cols, size.rows);
  }

  write(text: string, onShown?: () => void): Promise<void> {
    return new Promise((resolve) => this.terminal.write(text, () => (onShown?.(), resolve())));
  }

  picture(): ReturnType<typeof pictureOf> {
    return pictureOf(this.terminal as unknown as BrowserTerminal, "");
  }

  keyframe(): Keyframe {
    return { size: { rows: this.terminal.rows, cols: this.terminal.cols }, text: repainted(this.picture()) };
  }

  has(text: string): boolean {
    return this.picture().cells.some((row) => row.join("").includes(text));
  }
}

/** A painting like pairterm's: each step sets place and pen itself, and ends with a plain pen. */
const STEPS = [
  "\x1b[1;1H\x1b[31;1mred\x1b[m plain",
  "\x1b[2;1H\x1b[4:3;58:2::1:2:3mcurly\x1b[m \x1b[7mreversed\x1b[m \x1b[53;9;3;2mmany\x1b[m",
  "\x1b[3;38H漢\x1b[3;40Hx",
  "\x1b[4;1H\x1b]8;;https://example.org/a;b\x1b\\link\x1b]8;;\x1b\\",
  "\x1b[5;1H\x1b[38:2::9:8:7;48:5:200mcolours\x1b[m\x1b[?25l",
  "\x1b[6;40He\u0301",
  "\x1b[1;1H\x1b[2K\x1b[m\x1b[?25h👩",
];

test("a keyframe paints the same screen, cell by cell", async () => {
  for (let count = 0; count <= STEPS.length; count++) {
    const [direct, again] = [new HeadlessStage(), new HeadlessStage()];
    await direct.write(STEPS.slice(0, count).join(""));
    await again.write(direct.keyframe().text);
    assert.deepEqual(again.picture(), direct.picture(), `after ${count} steps`);
  }
});

test("law 13: a recording played to a time shows the screen of that time, wherever it was before", async () => {
  const events: unknown[][] = [];
  for (let round = 0; round < 60; round++) {
    for (const step of STEPS) events.push([0.1, "o", step + `\x1b[2;30H${round}` + "\x1b[m".repeat(600)]);
    events.push([0.1, "r", round % 3 ? "40x6" : `50x${6 + (round % 2)}`], [0, "o", "\x1b[H\x1b[2J\x1b[mnew size"], [0, "m", "here"]);
  }
  const cast = castOf(events);
  const stage = new HeadlessStage();
  const playback = new Playback(cast, stage);
  const { times } = playback;
  const end = times[times.length - 1] ?? 0;
  for (const share of [0.1, 1, 0.5, 0.51, 0, 0.97, 0.33, 0.9]) {
    const time = end * share;
    await playback.seek(time);
    const direct = new HeadlessStage();
    for (const event of cast.events.filter((each) => each.time <= time)) {
      if (event.code === "o") await direct.write(event.data);
      const size = event.code === "r" ? sizeOf(event.data) : null;
      if (size !== null) direct.resize(size);
    }
    assert.deepEqual(stage.picture(), direct.picture(), `at ${share}`);
  }
  const before = stage.resets;
  await Promise.all([0.2, 0.8, 0.4, 0.6].map((share) => playback.seek(end * share)));
  const last = stage.picture();
  await playback.seek(0);
  await playback.seek(end * 0.6);
  assert.deepEqual(stage.picture(), last, "of several seeks at once, the last one counts");
  assert.ok(stage.resets > before);
});

test("a seek writes little when another playback has played the recording before", async () => {
  const cast = castOf(Array.from({ length: 90 }, (_, at) => [1, "o", `\x1b[2;3H${at}` + "\x1b[m".repeat(10_000)]));
  const keyframes: Keyframes = [];
  const index = new Playback(cast, new HeadlessStage(), keyframes);
  await index.show(cast.events.length);
  let written = 0;
  class CountingStage extends HeadlessStage {
    override write(text: string, onShown?: () => void): Promise<void> {
      written += text.length;
      return super.write(text, onShown);
    }
  }
  const stage = new CountingStage();
  const playback = new Playback(cast, stage, keyframes);
  for (const time of [85, 3, 60]) {
    written = 0;
    await playback.seek(time);
    const direct = new HeadlessStage();
    await direct.write(cast.events.filter((each) => each.time <= time).map((each) => each.data).join(""));
    assert.deepEqual(stage.picture(), direct.picture());
    assert.ok(written < 400 * 1024, `${written} characters for a seek to ${time}`);
  }
});

test("recordings of other programs have no keyframes: an output may end inside a sequence", async () => {
  const cast = castOf([[1, "o", "\x1b[3"], [1, "o", "1mred"], ...Array.from({ length: 9 }, () => [1, "o", "x".repeat(99_999)])], {
    version: 3,
    term: { cols: 40, rows: 6 },
  });
  const stage = new HeadlessStage();
  const playback = new Playback(cast, stage);
  await playback.seek(99);
  await playback.seek(2);
  const { cells, pens, table } = stage.picture();
  assert.equal(cells[0]?.slice(0, 3).join(""), "red");
  assert.equal(table[pens[0]?.[0] ?? -1]?.[0], 1);
});

test("a search finds when a text comes on the screen, not that it stays there", async () => {
  const cast = castOf([
    [1, "o", "one"],
    [1, "o", " needle"],
    [1, "o", "\x1b[2;1Hmore"],
    [1, "r", "20x3"],
    [1, "o", "\x1b[2J"],
    [1, "o", "\x1b[Hnee"],
    [1, "o", "dle"],
  ]);
  const stage = new HeadlessStage();
  const playback = new Playback(cast, stage);
  const find = (after: number): Promise<number | null> => playback.find(after, () => stage.has("needle"), () => false);
  assert.equal(await find(0), 2);
  assert.equal(await find(2), 7);
  assert.equal(await find(7), null);
  assert.equal(await find(0), 2);
});
