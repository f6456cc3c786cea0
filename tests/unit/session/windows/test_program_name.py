"""The name of a program, as windows have it."""

from __future__ import annotations

import pytest

from pairterm.session.windows.program_name import program_name


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("/usr/bin/vim notes.txt", "vim"),
        ("-bash", "bash"),
        ("/bin/-zsh\t-l", "zsh"),
        ("sshd: ana@pts/3", "sshd"),
        ("  make -j2", "make"),
        ("x" * 100, "x" * 64),
        ("   ", ""),
        ("", ""),
    ],
)
def test_a_program_is_called_by_its_first_word_alone(command: str, name: str) -> None:
    assert program_name(command) == name
