// The host's texts that are more than news: a question to answer, and the address of the call.

export interface Question {
  text: string;
  isKnock: boolean;
}

/** "TEXT: C-b y / C-b N", for a knock with two more answers, and with the number of those that wait behind it. */
const QUESTION = /^(.*): (\S+) y \/ \2 N(, \2 O watch only, \2 B ban)?( \(\+\d+ more\))?$/;

const CALL = /^call: (https?:\/\/\S+)$/;

/** Return the question in the last line of a text; `null` if it asks nothing. The keys become buttons. */
export function readQuestion(text: string): Question | null {
  const found = QUESTION.exec(text.slice(text.lastIndexOf("\n") + 1));
  return found === null ? null : { text: `${found[1]}${found[4] ?? ""}`, isKnock: found[3] !== undefined };
}

/** Return the address of the call, if a text tells it. */
export function readCall(text: string): string | null {
  return CALL.exec(text)?.[1] ?? null;
}
