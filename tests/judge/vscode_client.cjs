// A language client of VS Code's own library (vscode-languageclient), which a test tells what to do.
//
//     node vscode_client.cjs DIRECTORY COMMAND [ARGUMENT...]
//
// It takes one JSON object a line: {"open": name}, {"edit": [{start, end, text}]}, {"select": [start, end]},
// {"messages": true}, {"stop": true}. Places are [line, UTF-16 unit]. It answers each with a line: the text, or the messages.
"use strict";
const { readFileSync } = require("node:fs");
const Module = require("node:module");
const { join } = require("node:path");
const { createInterface } = require("node:readline");

const resolve = Module._resolveFilename;
Module._resolveFilename = (name, ...rest) => (name === "vscode" ? join(__dirname, "vscode_api.cjs") : resolve(name, ...rest));
const vscode = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

const [directory, command, ...args] = process.argv.slice(2);
const { Document, events, messages, providers } = vscode.stage;
vscode.workspace.workspaceFolders.push({ uri: vscode.Uri.file(directory), name: "project", index: 0 });
const client = new LanguageClient("pairterm", { command, args }, { documentSelector: [{ scheme: "file" }] });

async function act({ open, edit, select, stop }) {
  const none = new vscode.CancellationTokenSource().token;
  if (open !== undefined) {
    const path = join(directory, open);
    const document = new Document(path, "python", readFileSync(path, "utf8"));
    vscode.workspace.textDocuments.unshift(document);
    events.onDidOpenTextDocument.fire(document);
  }
  const [document] = vscode.workspace.textDocuments;
  if (edit !== undefined) document.edit(edit);
  if (select !== undefined) {
    const range = new vscode.Range(...select.map((place) => new vscode.Position(...place)));
    const context = { diagnostics: [], only: undefined, triggerKind: 2 };
    await providers.registerCodeActionsProvider.provideCodeActions(document, range, context, none);
  }
  if (stop !== undefined) await client.stop();
  return document?.getText() ?? "";
}

async function main() {
  await client.start();
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line);
    const answer = await act(request);
    process.stdout.write(JSON.stringify(request.messages ? messages : answer) + "\n");
  }
}

main();
