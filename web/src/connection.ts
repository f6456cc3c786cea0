// The line to the gateway: it says hello, reads frames, acknowledges, and dials again after a loss.
//
// Input is dropped while the line is down, and `type` says so. It is never sent later: a shell that comes back could be
// in another place.

import { SUBPROTOCOL, decode, encode, encodeHello, inputPieces, type Hello, type Received, type Sent } from "./protocol.js";
import { RedialPauses } from "./redial.js";

/** "connecting": the first dial. "waiting": the door is not open yet. "lost": the page dials again. */
export type State = "connecting" | "waiting" | "in" | "away" | "lost" | "ended";

/** The part of a WebSocket that this uses; node's `ws` has it as well. */
export interface Socket {
  binaryType: string;
  readyState: number;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  send(data: string | Uint8Array): void;
  close(code?: number): void;
}

export interface Ear {
  /** A new line is open: its bytes count from 0. */
  opened(): void;
  state(state: State): void;
  message(message: Received): void;
  output(bytes: Uint8Array): void;
  /** The next dial is so many milliseconds away. */
  redialling(pauseMs: number, reason: string): void;
}

const OPEN = 1;

/** No frame for so long means that the line is dead; the gateway pings each 20 s. */
const SILENCE_MS = 32_000;

/** An answer to a dial comes in this time, or the page dials again. */
const DIAL_MS = 15_000;

const REASONS: Record<number, string> = {
  1001: "the gateway has closed the line",
  1007: "the gateway could not read a message",
  1008: "the gateway refused a message",
  1009: "a message was too long",
  1012: "the gateway restarts",
};

export class Connection {
  state: State = "connecting";
  private socket: Socket | null = null;
  private ticket: string;
  private wrong = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly pauses: RedialPauses;

  constructor(
    private readonly dial: (protocol: string) => Socket,
    private readonly hello: () => Hello,
    private readonly ear: Ear,
    pauses?: RedialPauses,
  ) {
    this.pauses = pauses ?? new RedialPauses();
    this.ticket = hello().ticket;
  }

  /** Dial now: at the start, or because the network or the person is back. */
  start(): void {
    if (this.state === "ended" || (this.socket !== null && this.socket.readyState <= OPEN)) return;
    clearTimeout(this.timer);
    this.open();
  }

  /** The network or the person is back: dial at once, and with short pauses. */
  hurry(): void {
    if (this.state !== "lost") return;
    this.pauses.reset();
    this.start();
  }

  /** The network is gone: do not wait for the silence. */
  drop(reason: string): void {
    const socket = this.socket;
    if (socket === null || this.state === "ended") return;
    this.lost(socket, reason);
    socket.close();
  }

  /** Leave for good. */
  stop(): void {
    this.become("ended");
    clearTimeout(this.timer);
    this.socket?.close(1000);
    this.socket = null;
  }

  /**
   * Send what was typed. Return false if it was dropped.
   *
   * While the host is away, the gateway obeys keys for the history, and refuses the others itself.
   */
  type(data: Uint8Array): boolean {
    if (this.state !== "in" && this.state !== "away") return false;
    for (const piece of inputPieces(data)) this.socket?.send(piece);
    return true;
  }

  /** Send a message if the line is up. Return whether it is. */
  send(message: Sent): boolean {
    if (this.socket?.readyState !== OPEN || this.state === "lost" || this.state === "ended") return false;
    this.socket.send(encode(message));
    return true;
  }

  private open(): void {
    const socket = this.dial(SUBPROTOCOL);
    this.socket = socket;
    socket.binaryType = "arraybuffer";
    this.expect(socket, DIAL_MS, "the gateway does not answer");
    socket.onopen = () => {
      if (socket !== this.socket) return;
      this.ear.opened();
      socket.send(encodeHello({ ...this.hello(), ticket: this.ticket }));
    };
    socket.onmessage = (event: { data: unknown }) => {
      if (socket !== this.socket) return;
      this.expect(socket, SILENCE_MS, "the gateway is silent");
      if (typeof event.data === "string") this.read(event.data);
      else if (event.data instanceof ArrayBuffer) this.ear.output(new Uint8Array(event.data));
    };
    socket.onclose = (event: { code: number }) => {
      if (event.code === 1007 || event.code === 1008 || event.code === 1009) this.wrong += 1;
      this.lost(socket, REASONS[event.code] ?? "the line is lost");
    };
  }

  private read(frame: string): void {
    const message = decode(frame);
    if (message === null) return;
    switch (message.t) {
      case "in":
        this.pauses.reset();
        this.wrong = 0;
        this.ticket = message.ticket || this.ticket;
        this.become("in");
        break;
      case "wait":
        this.become("waiting");
        break;
      case "away":
        this.become("away");
        break;
      case "back":
        this.become("in");
        break;
      case "end":
        // A return needs the ticket; a refusal does not become another answer by asking again.
        if (!message.mayReturn) this.become("ended");
        break;
      case "ping":
        this.send({ t: "pong", n: message.n });
        break;
      default:
    }
    this.ear.message(message);
  }

  private lost(socket: Socket, reason: string): void {
    if (socket !== this.socket) return;
    this.socket = null;
    clearTimeout(this.timer);
    if (this.state === "ended") return;
    if (this.wrong >= 3) {
      // It is the page that is wrong, or older than the gateway. Dialling again does not help.
      this.become("ended");
      this.ear.message({ t: "end", text: `${reason}: reload the page`, status: 1, mayReturn: false });
      return;
    }
    this.become("lost");
    const pauseMs = this.pauses.next();
    this.timer = setTimeout(() => this.start(), pauseMs);
    this.ear.redialling(pauseMs, reason);
  }

  private expect(socket: Socket, limitMs: number, reason: string): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.lost(socket, reason);
      socket.close();
    }, limitMs);
  }

  private become(state: State): void {
    if (state === this.state) return;
    this.state = state;
    this.ear.state(state);
  }
}
