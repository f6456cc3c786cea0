// A stand-in of VS Code's extension API, as much of it as the library for language clients
// (vscode-languageclient) uses to keep a server's texts up to date and to ask it questions.
// The library is the real one. Documents here change as VS Code's do: one event for the edits of all
// cursors, the last edit first.
"use strict";
const { pathToFileURL, fileURLToPath } = require("node:url");
const { TextDocument } = require("vscode-languageserver-textdocument");

class Position {
  constructor(line, character) {
    Object.assign(this, { line, character });
  }
}

class Range {
  constructor(start, end, ...rest) {
    const isNumbers = rest.length === 2;
    this.start = isNumbers ? new Position(start, end) : start;
    this.end = isNumbers ? new Position(...rest) : end;
  }
}

class Uri {
  constructor(href) {
    this.href = href;
    this.scheme = href.slice(0, href.indexOf(":"));
    this.fsPath = this.path = this.scheme === "file" ? fileURLToPath(href) : "";
  }

  static file(path) {
    return new Uri(pathToFileURL(path).href);
  }

  static parse(href) {
    return new Uri(href);
  }

  toString() {
    return this.href;
  }
}

class Disposable {
  constructor(dispose = () => undefined) {
    this.dispose = dispose;
  }

  static from() {
    return new Disposable();
  }
}

class EventEmitter {
  constructor() {
    this.listeners = new Set();
    this.event = (listener, self) => {
      const bound = listener.bind(self);
      this.listeners.add(bound);
      return new Disposable(() => this.listeners.delete(bound));
    };
  }

  fire(event) {
    for (const listener of this.listeners) listener(event);
  }

  dispose() {
    this.listeners.clear();
  }
}

class CancellationTokenSource {
  token = { isCancellationRequested: false, onCancellationRequested: () => new Disposable() };
  cancel() {}
  dispose() {}
}

class CancellationError extends Error {}

// An open document, as an extension sees it.
class Document {
  constructor(path, languageId, text) {
    this.uri = Uri.file(path);
    this.fileName = path;
    this.languageId = languageId;
    this.isClosed = this.isDirty = false;
    this.text = TextDocument.create(this.uri.toString(), languageId, 1, text);
  }

  get version() {
    return this.text.version;
  }

  getText() {
    return this.text.getText();
  }

  // Replace several ranges, each given in the text as it was before, at once.
  edit(edits) {
    const changes = edits
      .map(({ start, end, text }) => {
        const range = new Range(new Position(...start), new Position(...end));
        const rangeOffset = this.text.offsetAt(range.start);
        return { range, rangeOffset, rangeLength: this.text.offsetAt(range.end) - rangeOffset, text };
      })
      .sort((one, other) => other.rangeOffset - one.rangeOffset);
    TextDocument.update(this.text, changes.map(({ range, text }) => ({ range, text })), this.version + 1);
    events.onDidChangeTextDocument.fire({ document: this, contentChanges: changes, reason: undefined });
  }
}

const events = {};
const providers = {};
const messages = [];

// Return an object that has these members. Each event `on…` is there, and never comes if nobody fires it.
function withEvents(members) {
  return new Proxy(members, {
    get(target, name) {
      if (!(name in target) && String(name).startsWith("on")) {
        events[name] ??= new EventEmitter();
        return events[name].event;
      }
      return target[name];
    },
  });
}

const tell = (text) => Promise.resolve(void messages.push(text));
const silent = new Proxy({}, { get: () => () => new Disposable() });

const api = {
  ...{ Position, Range, Uri, Disposable, EventEmitter, CancellationTokenSource, CancellationError },
  version: "1.106.0",
  proposed: undefined,
  env: { appName: "stand-in", language: "en" },
  commands: { registerCommand: () => new Disposable() },
  workspace: withEvents({
    ...{ textDocuments: [], notebookDocuments: [], workspaceFolders: [] },
    getConfiguration: () => ({ get: (_, otherwise) => otherwise }),
    getWorkspaceFolder: () => api.workspace.workspaceFolders[0],
  }),
  window: withEvents({
    ...{ visibleTextEditors: [], activeTextEditor: undefined, tabGroups: withEvents({ all: [] }) },
    ...{ showInformationMessage: tell, showWarningMessage: tell, showErrorMessage: tell },
    createOutputChannel: () => silent,
  }),
  languages: new Proxy(
    { match: () => 10, createDiagnosticCollection: () => silent },
    {
      get(target, name) {
        const keep = (_, provider) => {
          providers[name] = provider;
          return new Disposable();
        };
        return name in target ? target[name] : keep;
      },
    },
  ),
};

// What the library names and never uses here is an empty class.
const unused = {};
module.exports = new Proxy(api, {
  get: (target, name) => (name in target ? target[name] : (unused[name] ??= class {})),
});
module.exports.stage = { Document, events, messages, providers };
