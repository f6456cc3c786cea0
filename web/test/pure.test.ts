import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import * as commands from "../src/commands.js";
import { clampFont, fontFor, type Cells } from "../src/fitting.js";
import { KeyBar } from "../src/keybar.js";
import { fragmentOf, keyOfFragment, readKey } from "../src/link.js";
import { RedialPauses } from "../src/redial.js";
import { DEFAULTS, placeOf, readSettings } from "../src/settings.js";

const TOKEN = `rw-${"abcdefghijklmnop".repeat(2)}`;

test("Python's shlex reads a quoted word as the same text", () => {
  const words = ["ana", "", "a b", "it's", `"`, "$(rm -rf ~)", "a;b", "\\", "#3", "ümläut 漢字 👩‍💻", "--ban", "'\"'", "`x`", "~"];
  const read = execFileSync(process.env["PYTHON"] ?? "python3", [
    "-c",
    "import json, shlex, sys; print(json.dumps([shlex.split(each) for each in json.load(sys.stdin)]))",
  ], { input: JSON.stringify(words.map(commands.quoted)), encoding: "utf8" });
  assert.deepEqual(JSON.parse(read), words.map((word) => [word]));
});

test("a name cannot become a second command or line", () => {
  assert.equal(commands.rename("x\r\nkick #1"), "name 'x kick #1'");
  assert.equal(commands.quoted("\u001b[31mred\u0007"), "' [31mred '");
});

test("people are named by their number", () => {
  assert.equal(commands.grant(3, "rw"), "grant #3 rw");
  assert.equal(commands.kick(3, true), "kick #3 --ban");
  assert.equal(commands.answer("accept-ro", 3), "accept-ro #3");
  assert.equal(commands.selectWindow(2), "select-window -t :=2");
});

test("a remark keeps its lines, quotes and backslashes", () => {
  assert.equal(commands.say("if (a) {\r\n  'b\\n'\r}"), "say if (a) {\n  'b\\n'\n}");
  assert.equal(commands.say("x".repeat(9000)).length, 4 + commands.MAX_REMARK_CHARS);
});

test("links in all their forms have the token", () => {
  for (const text of [TOKEN, `https://vm.example.com/#${TOKEN}`, `ssh -p 2222 ${TOKEN}@vm.example.com`, `ssh://${TOKEN}@vm:22`, `  ${TOKEN.toUpperCase()} `])
    assert.deepEqual(readKey(text), { token: TOKEN, code: "" }, text);
  assert.deepEqual(keyOfFragment(`#${TOKEN}`), { token: TOKEN, code: "" });
  assert.equal(fragmentOf({ token: TOKEN, code: "" }), `#${TOKEN}`);
  for (const role of ["ro", "ow"])
    assert.deepEqual(keyOfFragment(`#${TOKEN.replace("rw", role)}`), { token: TOKEN.replace("rw", role), code: "" });
  assert.equal(readKey(TOKEN.replace("rw", "ox")), null);
});

test("a code is read as people say it, and other texts are no key", () => {
  for (const text of ["7-apple-river", "7 apple river", " 7-Apple-River "])
    assert.deepEqual(readKey(text), { token: "", code: "7-apple-river" });
  for (const text of ["", "#", "rw-short", "apple river", "https://example.com/", `x${TOKEN}`, `${TOKEN}x`, "%"])
    assert.equal(readKey(text), null, text);
  assert.equal(keyOfFragment("#%E0%A4%A"), null);
});

test("pauses grow to a limit, have some chance in them, and begin again", () => {
  const longest = new RedialPauses(() => 1);
  assert.deepEqual(Array.from({ length: 9 }, () => longest.next()), [250, 500, 1000, 2000, 4000, 8000, 15000, 15000, 15000]);
  longest.reset();
  assert.equal(longest.next(), 250);
  assert.equal(new RedialPauses(() => 0).next(), 125);
});

test("Ctrl and Alt hold for one key, lock at the second tap, and release at the third", () => {
  const bar = new KeyBar();
  bar.tap("ctrl");
  assert.equal(bar.typed("c"), "\x03");
  assert.equal(bar.typed("c"), "c");
  bar.tap("ctrl");
  bar.tap("ctrl");
  assert.equal(bar.typed("a") + bar.typed("["), "\x01\x1b");
  bar.tap("ctrl");
  bar.tap("alt");
  assert.equal(bar.typed("x"), "\x1bx");
  assert.equal(bar.typed("x"), "x");
});

test("Ctrl makes what xterm makes of it, and leaves pastes and letters without one alone", () => {
  const made = (text: string): string => {
    const bar = new KeyBar();
    bar.tap("ctrl");
    return bar.typed(text);
  };
  assert.deepEqual([" ", "@", "?", "/", "\\", "]", "^", "_", "Z", "3", "8"].map(made),
    ["\x00", "\x00", "\x7f", "\x1f", "\x1c", "\x1d", "\x1e", "\x1f", "\x1a", "\x1b", "\x7f"]);
  assert.deepEqual(["ä", "+", "ab", "\x1b[A"].map(made), ["ä", "+", "ab", "\x1b[A"]);
});

test("keys of the bar are xterm's, with modifiers and in application mode", () => {
  const bar = new KeyBar();
  assert.equal(bar.key("Up", false), "\x1b[A");
  assert.equal(bar.key("Up", true), "\x1bOA");
  bar.tap("ctrl");
  assert.equal(bar.key("Right", true), "\x1b[1;5C");
  assert.equal(bar.key("PageUp", false), "\x1b[5~");
  bar.tap("alt");
  assert.equal(bar.key("Escape", false), "\x1b\x1b");
  assert.equal(bar.key("Tab", false), "\t");
});

/** Room of so many pixels with cells as wide as browsers make them. */
function roomOf(width: number, height: number): (px: number) => Cells {
  return (px) => ({ rows: Math.floor(height / Math.ceil(px * 1.3)), cols: Math.floor(width / (Math.ceil(px * 6.02) / 10)) });
}

test("the largest font at which the session fits is found, from wherever the search begins", () => {
  for (const [width, height] of [[1200, 700], [390, 600], [2500, 1400], [300, 200]] as const) {
    for (const wanted of [{ rows: 24, cols: 80 }, { rows: 50, cols: 200 }, { rows: 5, cols: 20 }]) {
      const room = roomOf(width, height);
      const found = [6, 15, 40].map((now) => fontFor(wanted, now, 40, room));
      assert.equal(new Set(found).size, 1, `${width}x${height} ${JSON.stringify(wanted)}: ${found}`);
      const px = found[0] ?? 0;
      const holds = (size: number): boolean => room(size).rows >= wanted.rows && room(size).cols >= wanted.cols;
      assert.ok(px === 6 || holds(px));
      assert.ok(px === 40 || !holds(px + 0.5));
    }
  }
  assert.equal(clampFont(3), 6);
  assert.equal(clampFont(14.3), 14.5);
});

test("settings survive what others wrote in their place", () => {
  for (const stored of [null, "", "{", "null", "[]", '{"theme":"pink","fontPx":"big","scales":1,"name":7}'])
    assert.deepEqual(readSettings(stored), DEFAULTS);
  assert.equal(readSettings('{"theme":"contrast"}').theme, "contrast");
  assert.equal(readSettings('{"predicts":"never"}').predicts, "never");
  assert.equal(readSettings('{"predicts":"sometimes"}').predicts, "adaptive");
});

test("a place in the storage does not tell the token", () => {
  assert.match(placeOf(TOKEN), /^[0-9a-f]{1,8}$/);
  assert.notEqual(placeOf(TOKEN), placeOf(`${TOKEN}a`));
});
