"""The capabilities of a client's terminal, as far as its TERM, COLORTERM and LANG tell.

A capability that is not certain is off. The painter then uses a longer way that every
terminal supports. We do not read terminfo, because the database on the gateway's
machine may not know the client's terminal.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from pairterm.errors import UsageError
from pairterm.safe_text import safe_line

__all__ = ["TRUE_COLOUR", "TerminalKind"]

TRUE_COLOUR = 1 << 24
"""`TerminalKind.colours` of a terminal with 24-bit colours."""

_MAX_NAME_CHARS = 64
"""The length of TERM, which comes from the client. The longest name in terminfo has 33 characters."""

_UNUSABLE = frozenset({"", "dumb", "unknown"})

_XTERM_PREFIXES = (
    "xterm", "alacritty", "contour", "foot", "ghostty", "gnome", "iterm", "kitty", "konsole",
    "mintty", "mlterm", "putty", "rio", "rxvt", "st-", "vte", "wezterm",
)  # fmt: skip

_MODERN_PREFIXES = (
    "alacritty", "contour", "foot", "ghostty", "iterm", "kitty", "rio", "wezterm", "xterm-direct",
    "xterm-ghostty", "xterm-kitty",
)  # fmt: skip
"""These support 24-bit colours and underline styles, also if ssh forwards no COLORTERM."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TerminalKind:
    """The capabilities that the painter and the keys use. The defaults are the safe subset."""

    name: str
    colours: int = 16
    """0 (none), 16, 256 or `TRUE_COLOUR`."""
    is_utf8: bool = True
    has_alternate: bool = False
    """DECSET 1049: an alternate screen, after which the old screen comes back."""
    has_title: bool = False
    """OSC 2, and a title stack (XTWINOPS 22, 23)."""
    has_sync: bool = False
    """It has DECSET 2026, or ignores it."""
    has_clipboard: bool = False
    """OSC 52 sets the clipboard, or the terminal ignores it. Many terminals ask the user, or need a setting for it."""
    has_hyperlinks: bool = False
    """It has OSC 8, or ignores it."""
    has_cursor_shapes: bool = False
    """DECSCUSR."""
    has_input_modes: bool = False
    """Mouse, focus and bracketed paste."""
    has_key_protocols: bool = False
    """It has kitty's keyboard protocol and modifyOtherKeys, or ignores them."""
    has_underline_styles: bool = False
    """SGR 4:3 and 58:5:n. Other terminals may misread the colon."""
    has_pen_off: bool = True
    """SGR 22 to 29 turn single attributes off (VT220 and later)."""
    has_bce: bool = False
    """Erasing leaves the pen's background (back colour erase)."""
    has_ech: bool = False
    """ECH, erase characters (VT220 and later)."""
    has_line_edits: bool = False
    """IL and DL, insert and delete lines (VT102 and later)."""
    has_column_moves: bool = False
    """CHA and VPA: to a column, to a row (VT220 has neither, xterm has both)."""
    has_reports: bool = False
    """DSR 6, the cursor's position. We ask for it once, to measure the widths of characters."""
    has_known_widths: bool = False
    """The terminal has told us its widths, and pictures are laid out in its own cells."""

    @classmethod
    def of(cls, term: str, *, colorterm: str = "", lang: str = "") -> TerminalKind:
        """Return the kind of a terminal with these variables. "": the client did not send the variable.

        `lang` is the first of LC_ALL, LC_CTYPE and LANG that is set. Without it we assume that the
        terminal uses UTF-8, unless it is a VT: ssh forwards LANG only when it is configured to.

        Raises:
            UsageError: The terminal can't move its cursor, or there is no terminal.
        """
        return _kind_of(term[:_MAX_NAME_CHARS], colorterm[:_MAX_NAME_CHARS], lang[:_MAX_NAME_CHARS])


_XTERM = TerminalKind(
    name="xterm",
    has_alternate=True,
    has_title=True,
    has_sync=True,
    has_clipboard=True,
    has_hyperlinks=True,
    has_cursor_shapes=True,
    has_input_modes=True,
    has_key_protocols=True,
    has_bce=True,
    has_ech=True,
    has_line_edits=True,
    has_column_moves=True,
    has_reports=True,
)
_TMUX = replace(_XTERM, name="tmux", has_underline_styles=True)
_SCREEN = TerminalKind(name="screen", has_line_edits=True, has_alternate=True, has_input_modes=True, has_reports=True)
_LINUX = TerminalKind(
    name="linux", has_bce=True, has_ech=True, has_line_edits=True, has_column_moves=True, has_reports=True
)
_VT220 = TerminalKind(name="vt220", colours=0, has_ech=True, has_line_edits=True)
_VT100 = TerminalKind(name="vt100", colours=0, has_pen_off=False)
_UNKNOWN = TerminalKind(name="unknown", has_pen_off=False)


@lru_cache(maxsize=256)
def _kind_of(term: str, colorterm: str, lang: str) -> TerminalKind:
    term = term.lower()
    if term in _UNUSABLE:
        raise UsageError(
            'This needs a terminal with a movable cursor: connect with "ssh -t" from one, or set TERM=xterm-256color.',
            code="dumb_terminal",
        )
    kind = _family_of(term)
    return replace(
        kind,
        name=safe_line(term),
        colours=_colours_of(term, colorterm.lower(), kind),
        is_utf8=_is_utf8(lang.lower(), kind),
        has_underline_styles=kind.has_underline_styles or (kind.has_hyperlinks and _is_modern(term, colorterm.lower())),
    )


def _family_of(term: str) -> TerminalKind:
    if term.startswith(_XTERM_PREFIXES) or term == "st":
        return _XTERM
    if term.startswith("tmux"):
        return _TMUX
    if term.startswith("screen"):
        return _SCREEN
    if term.startswith("linux"):
        return _LINUX
    if term.startswith(("vt2", "vt3", "vt4", "vt5")):
        return _VT220
    if term.startswith("vt1"):
        return _VT100
    return _UNKNOWN


def _is_modern(term: str, colorterm: str) -> bool:
    return colorterm in {"truecolor", "24bit"} or term.startswith(_MODERN_PREFIXES)


def _colours_of(term: str, colorterm: str, kind: TerminalKind) -> int:
    if kind.colours == 0 or term.endswith(("-mono", "-m")):
        return 0
    if kind.name != "linux" and (_is_modern(term, colorterm) or term.endswith("-direct")):
        return TRUE_COLOUR
    return 256 if "256color" in term else 16


def _is_utf8(lang: str, kind: TerminalKind) -> bool:
    if lang:
        return lang.endswith(("utf-8", "utf8")) or "utf-8@" in lang or "utf8@" in lang
    return not kind.name.startswith("vt")
