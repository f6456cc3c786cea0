"""The colours of one text, by Pygments: after a change, only changed lines are lexed again.

A lexer of Pygments is a stack machine over regular expressions. Where a token begins at the
start of a line, the stack is kept. After a change, lexing begins at the last such
line before it. It ends at the first such line behind it where the stack is the same as
before: from there on, nothing changes.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import accumulate

from pygments.lexer import ExtendedRegexLexer, Lexer, RegexLexer
from pygments.lexers import get_lexer_by_name, get_lexer_for_filename
from pygments.token import Token
from pygments.util import ClassNotFound

from pairterm.document.colours import TokenKind, colour_row

__all__ = ["Highlighter"]

_Stack = tuple[str, ...]

_ROOT: _Stack = ("root",)

_MAX_UNSTACKED_CHARACTERS = 200_000
"""A lexer without a stack lexes the whole text at each change. A longer text gets no colours from it."""

_KINDS = {
    Token.Comment: TokenKind.COMMENT,
    Token.Comment.Preproc: TokenKind.ATTRIBUTE,
    Token.Keyword: TokenKind.KEYWORD,
    Token.Keyword.Type: TokenKind.TYPE,
    Token.Literal.String: TokenKind.STRING,
    Token.Literal.Number: TokenKind.NUMBER,
    Token.Name: TokenKind.NAME,
    Token.Name.Class: TokenKind.TYPE,
    Token.Name.Function: TokenKind.FUNCTION,
    Token.Name.Decorator: TokenKind.ATTRIBUTE,
    Token.Name.Attribute: TokenKind.ATTRIBUTE,
    Token.Name.Tag: TokenKind.TAG,
    Token.Operator: TokenKind.OPERATOR,
    Token.Operator.Word: TokenKind.KEYWORD,
    Token.Generic.Heading: TokenKind.HEADING,
    Token.Generic.Subheading: TokenKind.HEADING,
    Token.Generic.Inserted: TokenKind.INSERTED,
    Token.Generic.Deleted: TokenKind.DELETED,
    Token.Generic.Emph: TokenKind.EMPHASIS,
    Token.Generic.Strong: TokenKind.EMPHASIS,
    Token.Generic.Error: TokenKind.ERROR,
    Token.Error: TokenKind.ERROR,
}


class Highlighter:
    """The colours of one text."""

    def __init__(self, name: str, language: str) -> None:
        """Choose the lexer by the file's name, else by LSP's language id. Without one, the text is plain."""
        self._lexer = _lexer_for(name, language)
        self._lines: list[str] = []
        self._stacks: list[_Stack | None] = []
        """The stack at the start of each line. None: no token began there."""
        self._from: int | None = None
        """The first line whose colours may be others; None: all colours are right."""
        self._until = 0
        """Lexing may end at this line or behind it."""
        self._resume: int | None = None
        """The line at which a run stopped because its time was over."""
        self.lexed_lines = 0
        """How many lines were lexed, for tests."""

    def change(self, first: int, removed: int, added: Sequence[str]) -> None:
        """Replace `removed` lines from `first` on by `added`."""
        shift = len(added) - removed
        self._lines[first : first + removed] = added
        self._stacks[first : first + removed] = [None] * len(added)
        if first == 0 and self._stacks:
            self._stacks[0] = _ROOT
        if self._from is None:
            self._from, self._until = first, first + len(added)
        else:
            was_until = self._until + shift if self._until >= first + removed else first + len(added)
            self._from, self._until = min(self._from, first), max(was_until, first + len(added))
        self._resume = None

    def run(self, seconds: float) -> tuple[int, list[bytes], bool]:
        """Lex for about this time. Return a first line, the rows from there on, and whether all colours are right."""
        if self._from is None or not self._lines:
            return 0, [], True
        lexer = self._lexer
        if lexer is None or not _has_stack(lexer):
            self._from = None
            return self._lex_all(lexer)
        begin = self._resume if self._resume is not None else self._last_stack(max(0, self._from - 1))
        return self._lex(lexer, begin, time.monotonic() + seconds)

    def _last_stack(self, line: int) -> int:
        while self._stacks[line] is None:
            line -= 1
        return line

    def _lex(self, lexer: RegexLexer, begin: int, until_s: float) -> tuple[int, list[bytes], bool]:
        lines = self._lines[begin:]
        places = accumulate((len(each) + 1 for each in lines), initial=0)
        starts = {at: line for line, at in enumerate(places, begin)}
        runs: list[list[tuple[int, TokenKind]]] = [[]]
        known = begin
        end, is_done = len(self._lines), True
        # The method of the base class: those of some lexers hide the stack, and only rename tokens.
        tokens = RegexLexer.get_tokens_unprocessed(lexer, "\n".join(lines) + "\n", self._stacks[begin] or _ROOT)
        for at, kind, text in tokens:
            line = starts.get(at)
            if line is not None and begin < line < end:
                stack = _stack_of(tokens, at)
                if stack is not None:
                    if line >= self._until and stack == self._stacks[line]:
                        end = line
                        break
                    self._stacks[known + 1 : line] = [None] * (line - known - 1)
                    self._stacks[line] = stack
                    known = line
                    if time.monotonic() >= until_s:
                        end, is_done = line, False
                        break
            _add(runs, text, _kind(kind))
        if end == len(self._lines):
            self._stacks[known + 1 : end] = [None] * (end - known - 1)
        rows = [colour_row(each) for each in runs[: end - begin]]
        self.lexed_lines += end - begin
        self._from, self._resume = (None, None) if is_done else (end, end)
        return begin, rows, is_done

    def _lex_all(self, lexer: Lexer | None) -> tuple[int, list[bytes], bool]:
        text = "\n".join(self._lines) + "\n"
        if lexer is None or len(text) > _MAX_UNSTACKED_CHARACTERS:
            return 0, [b""] * len(self._lines), True
        runs: list[list[tuple[int, TokenKind]]] = [[]]
        for _, kind, token in lexer.get_tokens_unprocessed(text):
            _add(runs, token, _kind(kind))
        self.lexed_lines += len(self._lines)
        return 0, [colour_row(each) for each in runs[: len(self._lines)]], True


def _lexer_for(name: str, language: str) -> Lexer | None:
    try:
        return get_lexer_for_filename(name)
    except ClassNotFound:
        pass
    try:
        return get_lexer_by_name(language)
    except ClassNotFound:
        return None


def _has_stack(lexer: Lexer) -> bool:
    return isinstance(lexer, RegexLexer) and not isinstance(lexer, ExtendedRegexLexer)


def _stack_of(tokens: object, at: int) -> _Stack | None:
    """Return the stack of a lexer that is about to match at a place; None if it is inside of a match.

    Pygments takes a stack to begin with, and does not give it out. Its generator has it in a local variable.
    """
    frame = getattr(tokens, "gi_frame", None)
    names = frame.f_locals if frame is not None else {}
    stack = names.get("statestack")
    return tuple(stack) if isinstance(stack, list) and names.get("pos") == at else None


def _add(runs: list[list[tuple[int, TokenKind]]], text: str, kind: TokenKind) -> None:
    first, *others = text.split("\n")
    runs[-1].append((len(first), kind))
    runs.extend([(len(each), kind)] for each in others)


def _kind(token: object) -> TokenKind:
    while token is not None and token is not Token:
        found = _KINDS.get(token)
        if found is not None:
            return found
        token = getattr(token, "parent", None)
    return TokenKind.PLAIN
