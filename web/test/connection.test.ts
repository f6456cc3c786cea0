import assert from "node:assert/strict";
import { test } from "node:test";
import { WebSocket } from "ws";
import { Connection, type Socket, type State } from "../src/connection.js";
import type { Received } from "../src/protocol.js";
import { RedialPauses } from "../src/redial.js";
import { Server, type Caller } from "./server.js";

const HELLO = { token: "rw-x", code: "", name: "ana", ticket: "", rows: 24, cols: 80 };
const IN = { t: "in", session: "work", role: "rw", may_type: true, number: 3, ticket: "t1" };

/** What one page hears; `until` waits for a condition on it. */
class Page {
  readonly messages: Received[] = [];
  readonly states: State[] = [];
  readonly bytes: number[] = [];
  readonly reasons: string[] = [];
  opened = 0;
  readonly line: Connection;
  private readonly ears: (() => void)[] = [];

  constructor(server: Server, hello = HELLO) {
    const heard = (): void => {
      for (const ear of this.ears.splice(0)) ear();
    };
    this.line = new Connection(
      (protocol) => new WebSocket(server.url, protocol) as unknown as Socket,
      () => hello,
      {
        opened: () => (this.opened += 1),
        state: (state) => (this.states.push(state), heard()),
        message: (message) => (this.messages.push(message), heard()),
        output: (bytes) => (this.bytes.push(...bytes), heard()),
        redialling: (_pauseMs, reason) => (this.reasons.push(reason), heard()),
      },
      new RedialPauses(() => 0),
    );
    this.line.start();
  }

  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((done) => this.ears.push(done));
  }
}

async function joined(server: Server): Promise<[Page, Caller]> {
  const page = new Page(server);
  const caller = await server.next();
  await caller.hear("hello");
  caller.say(IN);
  await page.until(() => page.line.state === "in");
  return [page, caller];
}

async function withServer(act: (server: Server) => Promise<void>): Promise<void> {
  const server = await Server.open();
  try {
    await act(server);
  } finally {
    await server.close();
  }
}

const LIMIT = { timeout: 30_000 };

test("the first frame is hello, in the subprotocol, and nothing is typed before the guest is in", LIMIT, () =>
  withServer(async (server) => {
    const page = new Page(server);
    const caller = await server.next();
    assert.equal(page.line.type(Uint8Array.of(1)), false);
    assert.deepEqual(await caller.hear("hello"), {
      t: "hello", token: "rw-x", name: "ana", rows: 24, cols: 80, term: "xterm-256color", status: false,
    });
    assert.equal(caller.socket.protocol, "pairterm.1");
    assert.equal(caller.heard.length, 1);
    page.line.stop();
  }));

test("bytes arrive, a ping is answered, and input goes out in pieces that fit", LIMIT, () =>
  withServer(async (server) => {
    const [page, caller] = await joined(server);
    caller.say(Uint8Array.of(27, 91, 72));
    caller.say({ t: "ping", n: 7 });
    assert.deepEqual(await caller.hear("pong"), { t: "pong", n: 7 });
    assert.deepEqual(page.bytes, [27, 91, 72]);
    assert.equal(page.line.type(new Uint8Array(100_000).fill(120)), true);
    const frames = await caller.typed(2);
    assert.deepEqual(frames.map((each) => each.length), [65_536, 34_464]);
    page.line.stop();
    assert.equal(await caller.closed, 1000);
  }));

test("after a loss the page returns with its ticket, and what was typed meanwhile is never sent", LIMIT, () =>
  withServer(async (server) => {
    const [page, first] = await joined(server);
    first.socket.close(1012);
    await page.until(() => page.line.state === "lost");
    assert.equal(page.reasons[0], "the gateway restarts");
    assert.equal(page.line.type(Uint8Array.of(114, 109)), false);
    assert.equal(page.line.send({ t: "run", line: "kick #2" }), false);
    const second = await server.next();
    assert.equal((await second.hear("hello"))["ticket"], "t1");
    second.say(IN);
    await page.until(() => page.line.state === "in");
    assert.equal(page.line.type(Uint8Array.of(97)), true);
    assert.deepEqual((await second.typed(1))[0], Uint8Array.of(97));
    assert.deepEqual(page.states, ["in", "lost", "in"]);
    assert.equal(page.opened, 2);
    page.line.stop();
  }));

test("a network that is gone needs no timeout, and one that is back no pause", LIMIT, () =>
  withServer(async (server) => {
    const [page, first] = await joined(server);
    page.line.drop("the network is gone");
    assert.equal(page.line.state, "lost");
    page.line.hurry();
    await first.closed;
    const second = await server.next();
    assert.equal((await second.hear("hello"))["ticket"], "t1");
    page.line.stop();
  }));

test("an end is an end: no redial after it", LIMIT, () =>
  withServer(async (server) => {
    const [page, caller] = await joined(server);
    caller.say({ t: "end", text: "the session has ended", status: 0, may_return: false });
    caller.socket.close(1000);
    await caller.closed;
    await page.until(() => page.line.state === "ended");
    page.line.hurry();
    page.line.start();
    assert.equal(page.line.state, "ended");
    assert.deepEqual(page.reasons, []);
  }));

test("a gateway that refuses this page's messages three times gets no fourth", LIMIT, () =>
  withServer(async (server) => {
    const page = new Page(server);
    for (let time = 0; time < 3; time++) {
      const caller = await server.next();
      await caller.hear("hello");
      caller.socket.close(1008);
    }
    await page.until(() => page.line.state === "ended");
    assert.equal(page.messages.at(-1)?.t, "end");
  }));

test("the host's absence is a state of its own; waiting at the door is another", LIMIT, () =>
  withServer(async (server) => {
    const page = new Page(server);
    const caller = await server.next();
    await caller.hear("hello");
    caller.say({ t: "wait", text: "you knocked" });
    await page.until(() => page.line.state === "waiting");
    caller.say(IN);
    caller.say({ t: "away", since_s: 4 });
    caller.say({ t: "back" });
    await page.until(() => page.states.length === 4);
    assert.deepEqual(page.states, ["waiting", "in", "away", "in"]);
    page.line.stop();
  }));
