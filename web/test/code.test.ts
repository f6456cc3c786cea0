import assert from "node:assert/strict";
import { test } from "node:test";
import { coloured, ColourRows, offsetOf } from "../src/code/code_text.js";
import { readCode } from "../src/code/messages.js";
import { ShownFile } from "../src/code/shown_file.js";
import { decode } from "../src/protocol.js";

const ana = { id: 1, name: "ana", active: 7, isWithheld: false, awayS: null };
const bob = { id: 2, name: "bob", active: 8, isWithheld: false, awayS: null };
const files = [{ id: 7, name: "main.py", sharer: 1 }, { id: 8, name: "lib.py", sharer: 2 }];

test("fields of a wrong type in a message about files count as missing", () => {
  assert.equal(readCode({ t: "other" }), null);
  assert.deepEqual(decode('{"t":"documents","sharers":[3,{"id":"x","name":7}],"documents":null}'), {
    t: "documents", sharers: [{ id: 0, name: "", active: null, isWithheld: false, awayS: null }], files: [],
  });
  assert.deepEqual(decode('{"t":"lines","document":7,"serial":1,"first":-3,"removed":1.5,"lines":["a",3],"colours":[null,[1,"2"]]}'), {
    t: "lines", document: 7, serial: 1, isNew: false, first: 0, removed: 0, lines: ["a", ""], colours: [[], [1, 0]],
  });
  assert.deepEqual(decode('{"t":"cursors","document":7,"cursors":[[1,2,[[1,0,1,2]]],null]}'), {
    t: "cursors", document: 7,
    cursors: [{ line: 1, column: 2, selections: [[1, 0, 1, 2]] }, { line: 0, column: 0, selections: [] }],
  });
});

test("a column counts code points, and an offset UTF-16 units", () => {
  assert.deepEqual([0, 1, 2, 3, 9].map((column) => offsetOf("a😀b", column)), [0, 1, 3, 4, 4]);
  assert.equal(offsetOf("abc", 2), 2);
});

test("colours are spans of the line, and end with it", () => {
  assert.deepEqual(coloured("😀ab", [1, 2, 1, 0, 9, 3]), [{ from: 0, to: 2, kind: 2 }, { from: 3, to: 4, kind: 3 }]);
  assert.deepEqual(coloured("", [1, 2]), []);
  assert.deepEqual(coloured("ab", [1]), []);
});

test("the rows of colours move with their lines", () => {
  const rows = new ColourRows();
  const change = { document: 7, serial: 1, isNew: true, first: 0, removed: 0, lines: ["a", "b"], colours: [[1, 1], [1, 2]] };
  rows.apply(change);
  rows.apply({ ...change, isNew: false, first: 1, lines: ["x"], colours: [[1, 3]] });
  assert.deepEqual([0, 1, 2, 3].map((line) => rows.of(line)), [[1, 1], [1, 3], [1, 2], []]);
  rows.apply({ ...change, isNew: false, first: 0, removed: 2, lines: [], colours: [] });
  assert.deepEqual(rows.of(0), [1, 2]);
});

test("the page follows a person until its reader stays or chooses", () => {
  const shown = new ShownFile();
  assert.equal(shown.file?.id, undefined);
  shown.list([ana, bob], files);
  assert.equal(shown.file?.name, "main.py");
  shown.list([{ ...ana, active: 8 }, bob], files);
  assert.equal(shown.file?.name, "lib.py");
  shown.stay();
  shown.list([ana, bob], files);
  assert.equal(shown.file?.name, "lib.py");
  assert.equal(shown.sharer?.name, "bob");
  shown.choose(7);
  assert.equal(shown.file?.name, "main.py");
  shown.follow(2);
  assert.equal(shown.file?.name, "lib.py");
});

test("a file that is not shared has no name here", () => {
  const shown = new ShownFile();
  shown.list([{ ...ana, active: null, isWithheld: true }], files);
  assert.equal(shown.isWithheld, true);
  assert.equal(shown.file?.id, undefined);
  shown.choose(8);
  assert.equal(shown.file?.name, "lib.py");
});
