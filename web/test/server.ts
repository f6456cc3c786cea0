// A gateway for tests: a real websocket server on loopback, which a test scripts.

import { WebSocketServer, type WebSocket } from "ws";

export class Caller {
  readonly heard: (string | Uint8Array)[] = [];
  readonly closed: Promise<number>;
  private readonly ears: (() => void)[] = [];

  constructor(readonly socket: WebSocket) {
    socket.on("message", (data, isBinary) => {
      this.heard.push(isBinary ? new Uint8Array(data as Buffer) : data.toString());
      for (const ear of this.ears.splice(0)) ear();
    });
    this.closed = new Promise((done) => socket.on("close", done));
  }

  say(message: object | Uint8Array): void {
    this.socket.send(message instanceof Uint8Array ? message : JSON.stringify(message));
  }

  /** Wait until a message of this kind is there, and return the first one. */
  async hear(kind: string): Promise<Record<string, unknown>> {
    for (;;) {
      for (const each of this.heard) {
        if (typeof each !== "string") continue;
        const message = JSON.parse(each) as Record<string, unknown>;
        if (message["t"] === kind) return message;
      }
      await new Promise<void>((done) => this.ears.push(done));
    }
  }

  /** Wait until so many binary frames are there, and return them. */
  async typed(count: number): Promise<Uint8Array[]> {
    for (;;) {
      const frames = this.heard.filter((each) => each instanceof Uint8Array);
      if (frames.length >= count) return frames;
      await new Promise<void>((done) => this.ears.push(done));
    }
  }
}

export class Server {
  private readonly callers: Caller[] = [];
  private readonly ears: (() => void)[] = [];
  private taken = 0;

  private constructor(private readonly server: WebSocketServer) {
    server.on("connection", (socket) => {
      this.callers.push(new Caller(socket));
      for (const ear of this.ears.splice(0)) ear();
    });
  }

  static async open(): Promise<Server> {
    const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false });
    await new Promise<void>((done) => server.once("listening", done));
    return new Server(server);
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.server.address() as { port: number }).port}/ws`;
  }

  /** Wait for the next connection. */
  async next(): Promise<Caller> {
    for (;;) {
      const caller = this.callers[this.taken];
      if (caller !== undefined) {
        this.taken += 1;
        return caller;
      }
      await new Promise<void>((done) => this.ears.push(done));
    }
  }

  async close(): Promise<void> {
    for (const each of this.callers) each.socket.terminate();
    await new Promise((done) => this.server.close(done));
  }
}
