// The messages between the page and the gateway: text frames of JSON. Binary frames carry terminal bytes and are not
// here. `decode` checks every field, and drops what it does not know, so that a newer gateway can say more.

import { readCode, type CodeReceived, type CodeSent } from "./code/messages.js";
import type { Pane } from "./prediction/predictor.js";

export const SUBPROTOCOL = "pairterm.1";

/** The most characters of one input with a number. A longer one is a binary frame, and its number comes after it. */
export const MAX_TYPED_CHARS = 4096;

/** The most bytes of one binary frame to the gateway. */
export const MAX_INPUT_BYTES = 64 * 1024;

export interface Person {
  number: number;
  name: string;
  role: string;
  isOwner: boolean;
  isYou: boolean;
  mayType: boolean;
  isDriver: boolean;
  window: string;
  follows: boolean;
  pingMs: number | null;
  transport: string;
  /** What they wait for: "in" (a knock), "keyboard" or "enter". "": nothing. */
  asks: string;
}

/** A request that the guest may answer. */
export interface Question {
  /** Of the person that asks. */
  number: number;
  name: string;
  /** "in" (a knock), "keyboard" or "enter". */
  asks: string;
  text: string;
  /** Commands that answer, in the order of their buttons. */
  choices: string[];
}

/** The state of the session. `rows` and `cols`: the size of the window where the guest looks. */
export interface Session {
  rows: number;
  cols: number;
  note: string;
  call: string;
  isPaused: boolean;
  /** Guests can only watch. */
  isLocked: boolean;
  questions: Question[];
}

export interface Tab {
  index: number;
  name: string;
  flags: string;
  isHidden: boolean;
}

export type Received =
  | CodeReceived
  | { t: "in"; session: string; role: string; mayType: boolean; number: number; ticket: string }
  | { t: "role"; role: string; mayType: boolean }
  | { t: "wait"; text: string }
  | { t: "away"; sinceS: number }
  | { t: "back" }
  | { t: "people"; people: Person[] }
  | { t: "windows"; tabs: Tab[]; note: string; driver: string }
  | ({ t: "session" } & Session)
  | { t: "text"; text: string; title: string }
  | { t: "chat"; from: string; text: string }
  | { t: "ping"; n: number }
  | { t: "copy"; text: string }
  /** The next painting has the pane with the keys in these cells; null: in none. */
  | { t: "pane"; pane: Pane | null }
  /** Input up to `serial` has been echoed. `isExact`: the terminal shows just that, and nothing newer. */
  | { t: "marked"; serial: number; isExact: boolean }
  | { t: "end"; text: string; status: number; mayReturn: boolean };

export interface Hello {
  token: string;
  code: string;
  name: string;
  ticket: string;
  rows: number;
  cols: number;
}

export type Sent =
  | CodeSent
  | { t: "size"; rows: number; cols: number }
  | { t: "ack"; bytes: number }
  | { t: "run"; line: string }
  /** Typed text with its number: `marked` says when it has been echoed. */
  | { t: "type"; text: string; serial: number }
  | { t: "pong"; n: number };

type Fields = Record<string, unknown>;

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function text(fields: Fields, name: string): string {
  const value = fields[name];
  return typeof value === "string" ? value : "";
}

function number(fields: Fields, name: string): number {
  const value = fields[name];
  return typeof value === "number" && Number.isFinite(value) ? value : 0;
}

function flag(fields: Fields, name: string): boolean {
  return fields[name] === true;
}

function list(fields: Fields, name: string): Fields[] {
  const value = fields[name];
  return Array.isArray(value) ? value.filter(isFields) : [];
}

function person(fields: Fields): Person {
  const ping = fields["ping_ms"];
  return {
    number: number(fields, "number"),
    name: text(fields, "name"),
    role: text(fields, "role"),
    isOwner: flag(fields, "is_owner"),
    isYou: flag(fields, "is_you"),
    mayType: flag(fields, "may_type"),
    isDriver: flag(fields, "is_driver"),
    window: text(fields, "window"),
    follows: flag(fields, "follows"),
    pingMs: typeof ping === "number" ? ping : null,
    transport: text(fields, "transport"),
    asks: text(fields, "asks"),
  };
}

function question(fields: Fields): Question {
  const choices = fields["choices"];
  return {
    number: number(fields, "number"),
    name: text(fields, "name"),
    asks: text(fields, "asks"),
    text: text(fields, "text"),
    choices: Array.isArray(choices) ? choices.filter((each) => typeof each === "string") : [],
  };
}

function tab(fields: Fields): Tab {
  return {
    index: number(fields, "index"),
    name: text(fields, "name"),
    flags: text(fields, "flags"),
    isHidden: flag(fields, "is_hidden"),
  };
}

function pane(fields: Fields): Pane {
  return {
    name: text(fields, "name"),
    row: number(fields, "row"),
    col: number(fields, "col"),
    rows: number(fields, "rows"),
    cols: number(fields, "cols"),
    scrolled: number(fields, "scrolled"),
  };
}

/** Return the message of a text frame. `null`: it is none, or one that this page does not know. */
export function decode(frame: string): Received | null {
  let fields: unknown;
  try {
    fields = JSON.parse(frame);
  } catch {
    return null;
  }
  return isFields(fields) ? read(fields) : null;
}

function read(fields: Fields): Received | null {
  const role = text(fields, "role");
  const mayType = flag(fields, "may_type");
  switch (fields["t"]) {
    case "in": {
      const [session, ticket] = [text(fields, "session"), text(fields, "ticket")];
      return { t: "in", session, role, mayType, number: number(fields, "number"), ticket };
    }
    case "role":
      return { t: "role", role, mayType };
    case "wait":
      return { t: "wait", text: text(fields, "text") };
    case "away":
      return { t: "away", sinceS: number(fields, "since_s") };
    case "back":
      return { t: "back" };
    case "people":
      return { t: "people", people: list(fields, "people").map(person) };
    case "windows":
      return { t: "windows", tabs: list(fields, "tabs").map(tab), note: text(fields, "note"), driver: text(fields, "driver") };
    case "session":
      return {
        t: "session",
        rows: number(fields, "rows"),
        cols: number(fields, "cols"),
        note: text(fields, "note"),
        call: text(fields, "call"),
        isPaused: flag(fields, "is_paused"),
        isLocked: flag(fields, "is_locked"),
        questions: list(fields, "questions").map(question),
      };
    case "text":
      return { t: "text", text: text(fields, "text"), title: text(fields, "title") };
    case "pane":
      return { t: "pane", pane: text(fields, "name") === "" ? null : pane(fields) };
    case "marked":
      return { t: "marked", serial: number(fields, "serial"), isExact: flag(fields, "is_exact") };
    case "chat":
      return { t: "chat", from: text(fields, "from"), text: text(fields, "text") };
    case "ping":
      return { t: "ping", n: number(fields, "n") };
    case "copy":
      return { t: "copy", text: text(fields, "text") };
    case "end": {
      const status = number(fields, "status");
      return { t: "end", text: text(fields, "text"), status, mayReturn: flag(fields, "may_return") };
    }
    default:
      return readCode(fields);
  }
}

/** Return the first frame of a connection. Empty fields are left out. The page draws the status itself. */
export function encodeHello(hello: Hello): string {
  const { token, code, name, ticket, rows, cols } = hello;
  const optional = Object.entries({ token, code, name, ticket }).filter(([, value]) => value !== "");
  return JSON.stringify({ t: "hello", ...Object.fromEntries(optional), rows, cols, term: "xterm-256color", status: false });
}

/** Return the text frame of a message. */
export function encode(message: Sent): string {
  return JSON.stringify(message);
}

/** Return input in pieces that fit binary frames. */
export function inputPieces(data: Uint8Array): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < data.length; at += MAX_INPUT_BYTES) pieces.push(data.subarray(at, at + MAX_INPUT_BYTES));
  return pieces;
}
