// Build the pages into pairterm/web_page. index.html joins a session: the script with the chunks that it loads later, the
// stylesheet, the icon, the licences. play.html plays a recording: one plain script and one stylesheet, because an exported
// page has them inside. All have their compressed variants. Names have the hash of the content. It fails if the part of a
// page that loads at first is too large.
//
//     node build.mjs [DIRECTORY]

import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build } from "esbuild";

/** Everything that the browser loads to show a terminal, compressed by gzip. Chunks that it loads later do not count. */
const MOST_BYTES = 250 * 1024;

const here = dirname(fileURLToPath(import.meta.url));
const target = process.argv[2] ?? join(here, "..", "pairterm", "web_page");
const fresh = `${target}.new`;

function hashed(name, bytes) {
  const dot = name.lastIndexOf(".");
  return `assets/${name.slice(0, dot)}-${createHash("sha256").update(bytes).digest("hex").slice(0, 12)}${name.slice(dot)}`;
}

/** Write a file and its compressed variants; return the size by gzip. */
function put(name, bytes) {
  const gz = gzipSync(bytes, { level: 9 });
  const br = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
  writeFileSync(join(fresh, name), bytes);
  writeFileSync(join(fresh, `${name}.gz`), gz);
  writeFileSync(join(fresh, `${name}.br`), br);
  return gz.length;
}

/** Return the licences of the packages that are part of the page. */
function licences(inputs) {
  const packages = new Set(
    Object.keys(inputs)
      .map((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1])
      .filter((name) => name !== undefined),
  );
  const texts = [...packages].sort().map((name) => {
    const place = join(here, "node_modules", name);
    const file = readdirSync(place).find((each) => /^licen[cs]e/i.test(each));
    if (file === undefined) throw new Error(`${name} has no licence file`);
    const { version } = JSON.parse(readFileSync(join(place, "package.json"), "utf8"));
    return `${name} ${version}\n\n${readFileSync(join(place, file), "utf8").trim()}\n`;
  });
  return Buffer.from(`Parts of this page, beside pairterm's own (MIT):\n\n${texts.join("\n----\n\n")}`);
}

/** Put the files of a page in their places, and their places into its HTML; return both, and the size by gzip. */
function placed(source, files) {
  let html = readFileSync(join(here, "src", source), "utf8");
  let size = 0;
  for (const [mark, [name, bytes]] of Object.entries(files)) {
    const place = hashed(name, bytes);
    const compressed = put(place, bytes);
    if (mark !== "LICENCES") size += compressed;
    html = html.replaceAll(`@${mark}@`, place);
  }
  return { html, size };
}

/** Write a page; return its size by gzip. */
function finished(name, html, size) {
  const total = size + put(name, Buffer.from(html));
  if (total > MOST_BYTES) {
    console.error(`${name} has ${total} bytes compressed; ${MOST_BYTES} are the most`);
    process.exit(1);
  }
  return `${(total / 1024).toFixed(1)} KiB compressed`;
}

const common = {
  absWorkingDir: here,
  bundle: true,
  minify: true,
  target: ["es2022", "chrome105", "firefox115", "safari16"],
  legalComments: "none", // they are in the licences' file
  outdir: "/page",
  write: false,
  metafile: true,
  logLevel: "warning",
};
const icon = ["icon.svg", readFileSync(join(here, "src", "icon.svg"))];

rmSync(fresh, { recursive: true, force: true });
mkdirSync(join(fresh, "assets"), { recursive: true });

// The page that plays a recording.

const player = await build({ ...common, entryPoints: ["src/player/main.ts"], format: "iife" });
const [script, style] = [".js", ".css"].map((end) => player.outputFiles.find((each) => each.path.endsWith(end)).contents);
const playing = placed(join("player", "index.html"), {
  SCRIPT: ["player.js", Buffer.from(script)],
  STYLE: ["player.css", Buffer.from(style)],
  ICON: icon,
  LICENCES: ["playerlicences.txt", licences(player.metafile.inputs)],
});
const playerSize = finished("play.html", playing.html, playing.size);

// The page that joins a session.

const result = await build({
  ...common,
  entryPoints: ["src/main.ts"],
  splitting: true,
  chunkNames: "chunk-[hash]",
  format: "esm",
});
const outputs = new Map(result.outputFiles.map((each) => [basename(each.path), Buffer.from(each.contents)]));
const imports = new Map(
  Object.entries(result.metafile.outputs).map(([path, output]) => [basename(path), output.imports]),
);

/** Add to `found` the chunks that a script loads at once, and those that these load. */
function chunksOf(script, found = new Set()) {
  for (const { path, kind } of imports.get(script)) {
    const chunk = basename(path);
    if (kind !== "import-statement" || found.has(chunk)) continue;
    found.add(chunk);
    chunksOf(chunk, found);
  }
  return found;
}

/** Return a file of the build, and forget it: what is left at the end are the chunks. */
function taken(name) {
  const bytes = outputs.get(name);
  outputs.delete(name);
  return bytes;
}

const atOnce = chunksOf("main.js");
const files = {
  SCRIPT: ["page.js", taken("main.js")],
  STYLE: ["page.css", taken("main.css")],
  ICON: icon,
  LICENCES: ["licences.txt", licences(result.metafile.inputs)],
};
const page = placed("index.html", files);
const later = [];
for (const [name, bytes] of outputs) {
  if (!name.endsWith(".js")) throw new Error(`nothing would load ${name}: its styles belong into style.css`);
  const compressed = put(`assets/${name}`, bytes); // esbuild has put the hash into the name
  if (atOnce.has(name)) page.size += compressed;
  else later.push(`${name} ${(compressed / 1024).toFixed(1)} KiB`);
}
const preloads = [...atOnce].map((name) => `<link rel="modulepreload" href="assets/${name}">`);
const pageSize = finished("index.html", page.html.replace("@PRELOADS@", preloads.join("")), page.size);
rmSync(target, { recursive: true, force: true });
renameSync(fresh, target);
console.log(`built the page: ${[pageSize, ...later].join("; later ")}; the player: ${playerSize}`);
