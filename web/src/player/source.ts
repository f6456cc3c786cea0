// Where the recording comes from: a page that was exported has it inside; else the gateway gives it for a token.

import { CastReader, readCast, type Cast } from "./cast.js";

/** What stops a recording from being shown, in words for people. */
export class NoRecording extends Error {}

const TOKEN = /^rec-[a-z2-7]{32}$/;

/** Return the recording that is inside the page; null: there is none. */
export function embedded(page: Document): Cast | null {
  const text = page.querySelector("#recording")?.textContent;
  return text ? readCast(JSON.parse(text) as string) : null;
}

/** Return the token in the fragment of the page's address, with its `#`; null: there is none. */
export function tokenOf(fragment: string): string | null {
  const text = fragment.replace(/^#/, "").trim().toLowerCase();
  return TOKEN.test(text) ? text : null;
}

/** Fetch the recording of a token. `onProgress` is told how many bytes have come. */
export async function fetched(token: string, onProgress: (bytes: number) => void): Promise<Cast> {
  let answer: Response;
  try {
    answer = await fetch("recording", {
      headers: { Authorization: `Bearer ${token}` },
      credentials: "omit",
      cache: "no-store",
      referrerPolicy: "no-referrer",
    });
  } catch {
    throw new NoRecording("The gateway does not answer. Load the page again in a moment.");
  }
  if (!answer.ok || answer.body === null) throw new NoRecording(refusal(answer.status));
  const [reader, decoder, bytes] = [new CastReader(), new TextDecoder(), answer.body.getReader()];
  let total = 0;
  for (;;) {
    let piece;
    try {
      piece = await bytes.read();
    } catch {
      throw new NoRecording("The connection was lost. Load the page again.");
    }
    if (piece.done) break;
    total += piece.value.length;
    onProgress(total);
    reader.push(decoder.decode(piece.value, { stream: true }));
  }
  return reader.finish();
}

function refusal(status: number): string {
  if (status === 401 || status === 404 || status === 410) return "This link leads to no recording: it is wrong, its time is over, or its owner has taken it back.";
  if (status === 429 || status === 503) return "The gateway is busy. Load the page again in a moment.";
  return `The gateway refused (${status}).`;
}
