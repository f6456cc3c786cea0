// What opens a session: a token from a link in any of its forms, or a spoken code such as 7-apple-river.

export interface Key {
  token: string;
  code: string;
}

const TOKEN = /(?<![a-z0-9])(?:r[wo]|ow)-[a-z2-7]{32}(?![a-z0-9])/;

const CODE = /^(\d{1,3})[\s-]+([a-z]{3,8})[\s-]+([a-z]{3,8})$/;

/** Return the token or the code in a text that a person pasted or typed. `null`: it has none. */
export function readKey(text: string): Key | null {
  const small = text.trim().toLowerCase();
  const token = TOKEN.exec(small)?.[0];
  if (token !== undefined) return { token, code: "" };
  const code = CODE.exec(small);
  return code === null ? null : { token: "", code: code.slice(1).join("-") };
}

/** Return the key in the fragment of the page's address, with its `#`. */
export function keyOfFragment(fragment: string): Key | null {
  const text = fragment.replace(/^#/, "");
  try {
    return readKey(decodeURIComponent(text));
  } catch {
    return readKey(text); // a stray percent sign
  }
}

/** Return the fragment of the page's address for a key. */
export function fragmentOf(key: Key): string {
  return `#${key.token || key.code}`;
}
