"""What TERM, COLORTERM and LANG tell."""

import pytest

from pairterm.errors import UsageError
from pairterm.view.terminal_kind import TRUE_COLOUR, TerminalKind


@pytest.mark.parametrize("term", ["", "dumb", "unknown", "DUMB"])
def test_a_terminal_without_a_cursor_is_refused_with_advice(term: str) -> None:
    with pytest.raises(UsageError) as caught:
        TerminalKind.of(term)
    assert caught.value.code == "dumb_terminal"
    assert "\n" not in caught.value.message
    assert "TERM=xterm-256color" in caught.value.message


@pytest.mark.parametrize(
    ("term", "colorterm", "colours"),
    [
        ("xterm", "", 16),
        ("xterm-256color", "", 256),
        ("xterm-256color", "truecolor", TRUE_COLOUR),
        ("xterm", "24bit", TRUE_COLOUR),
        ("xterm-kitty", "", TRUE_COLOUR),
        ("foot-extra", "", TRUE_COLOUR),
        ("screen", "", 16),
        ("screen-256color", "", 256),
        ("tmux-256color", "truecolor", TRUE_COLOUR),
        ("linux", "", 16),
        ("linux", "truecolor", 16),
        ("vt100", "truecolor", 0),
        ("vt220", "", 0),
        ("xterm-mono", "", 0),
        ("some-new-terminal", "", 16),
        ("some-new-terminal-256color", "", 256),
    ],
)
def test_colours(term: str, colorterm: str, colours: int) -> None:
    assert TerminalKind.of(term, colorterm=colorterm).colours == colours


@pytest.mark.parametrize(
    ("term", "lang", "is_utf8"),
    [
        ("xterm", "", True),
        ("xterm", "en_GB.UTF-8", True),
        ("xterm", "de_DE.utf8", True),
        ("xterm", "de_DE.UTF-8@euro", True),
        ("xterm", "C", False),
        ("xterm", "POSIX", False),
        ("xterm", "de_DE.ISO-8859-1", False),
        ("vt100", "", False),
        ("vt220", "en_GB.UTF-8", True),
        ("unheard-of", "", True),
    ],
)
def test_charset(term: str, lang: str, is_utf8: bool) -> None:
    assert TerminalKind.of(term, lang=lang).is_utf8 is is_utf8


def test_an_unknown_terminal_gets_the_safe_subset() -> None:
    kind = TerminalKind.of("unheard-of")
    assert not any(
        (
            kind.has_alternate,
            kind.has_title,
            kind.has_hyperlinks,
            kind.has_input_modes,
            kind.has_ech,
            kind.has_line_edits,
        )
    )


def test_the_name_comes_from_the_client_and_is_made_harmless() -> None:
    assert TerminalKind.of("xterm\x1b[2J" + "x" * 500).name.isprintable()
    assert len(TerminalKind.of("x" * 500).name) <= 64
