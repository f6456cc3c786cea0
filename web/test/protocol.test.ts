import assert from "node:assert/strict";
import { test } from "node:test";
import { decode, encode, encodeHello, inputPieces, MAX_INPUT_BYTES } from "../src/protocol.js";

test("what is no message of ours is dropped, and never raises", () => {
  for (const frame of ["", "{", "null", "[]", "3", '"in"', "{}", '{"t":"new-in-2030"}', '{"t":["in"]}'])
    assert.equal(decode(frame), null, frame);
});

test("fields of a wrong type count as missing", () => {
  assert.deepEqual(decode('{"t":"in","session":5,"role":null,"may_type":"yes","number":"3","ticket":{}}'), {
    t: "in", session: "", role: "", mayType: false, number: 0, ticket: "",
  });
  assert.deepEqual(decode('{"t":"people","people":[null,3,{"name":"ana","ping_ms":"fast"}]}'), {
    t: "people",
    people: [{
      number: 0, name: "ana", role: "", isOwner: false, isYou: false, mayType: false, isDriver: false,
      window: "", follows: false, pingMs: null, transport: "", asks: "",
    }],
  });
  assert.deepEqual(decode('{"t":"windows","tabs":"none"}'), { t: "windows", tabs: [], note: "", driver: "" });
});

test("a session has its state and the questions to this guest; what is missing is off", () => {
  const asked = { number: 5, name: "bob", asks: "in", text: "bob knocks", choices: ["accept", 7, "decline"] };
  const found = decode(JSON.stringify({ t: "session", rows: 24, cols: 80, is_locked: true, questions: [asked, "x"] }));
  assert.deepEqual(found, {
    t: "session", rows: 24, cols: 80, note: "", call: "", isPaused: false, isLocked: true,
    questions: [{ ...asked, choices: ["accept", "decline"] }],
  });
});

test("the pane with the keys is one with a name, and a mark is exact only if it says so", () => {
  const cells = { row: 1, col: 2, rows: 3, cols: 4, scrolled: 5 };
  assert.deepEqual(decode(JSON.stringify({ t: "pane", name: "0.1", ...cells })), { t: "pane", pane: { name: "0.1", ...cells } });
  assert.deepEqual(decode('{"t":"pane","name":""}'), { t: "pane", pane: null });
  assert.deepEqual(decode('{"t":"marked","serial":7}'), { t: "marked", serial: 7, isExact: false });
});

test("hello leaves out what is empty", () => {
  const sent = JSON.parse(encodeHello({ token: "", code: "7-apple-river", name: "", ticket: "", rows: 2, cols: 3 }));
  assert.deepEqual(sent, { t: "hello", code: "7-apple-river", rows: 2, cols: 3, term: "xterm-256color", status: false });
  assert.equal(encode({ t: "ack", bytes: 12 }), '{"t":"ack","bytes":12}');
});

test("input is cut into frames, and put together it is the same", () => {
  const data = Uint8Array.from({ length: 2 * MAX_INPUT_BYTES + 5 }, (_, at) => at % 251);
  const pieces = inputPieces(data);
  assert.deepEqual(pieces.map((each) => each.length), [MAX_INPUT_BYTES, MAX_INPUT_BYTES, 5]);
  assert.deepEqual(Buffer.concat(pieces), Buffer.from(data));
  assert.deepEqual(inputPieces(new Uint8Array()), []);
});
