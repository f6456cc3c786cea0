"""`pairterm lsp`: a language server that shares the files of an editor with a session."""
