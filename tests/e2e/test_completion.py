"""The Tab key in bash, zsh and fish: each shell finds the installed file, and completes what pairterm offers."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from pairterm.cli.setup_shell import ShellSetup
from pairterm.cli.setup_steps import Steps
from tests.e2e.terminal import Terminal
from tests.e2e.world import World

BASH_COMPLETION = Path("/usr/share/bash-completion/bash_completion")


def bash(world: World) -> Terminal:
    """Start bash with the package bash-completion, which loads the file at the first Tab."""
    if not BASH_COMPLETION.exists():
        pytest.skip("not installed: bash-completion")
    (world.home / ".bashrc").write_text(f". {BASH_COMPLETION}\nPS1='here$ '\nbind 'set bell-style none'\n")
    return world.terminal(["bash", "-i"])


def zsh(world: World) -> Terminal:
    """Start zsh with the line in ~/.zshrc that `setup shell` prints."""
    directory = world.home / ".local" / "share" / "zsh" / "site-functions"
    lines = [
        f"fpath=({directory} $fpath)",
        "autoload -Uz compinit",
        "compinit -u -D",
        "PROMPT='here$ '",
        "unsetopt beep",
    ]
    (world.home / ".zshrc").write_text("\n".join(lines) + "\n")
    return world.terminal(["zsh", "-d", "-i"], environment={"SHELL": "/bin/zsh"})


def fish(world: World) -> Terminal:
    """Start fish. It needs no setting."""
    directory = world.root / "config" / "fish"
    directory.mkdir()
    (directory / "config.fish").write_text("set fish_greeting\nfunction fish_prompt; echo 'here$ '; end\n")
    return world.terminal(["fish", "-i"])


@pytest.mark.parametrize("start", [bash, zsh, fish])
def test_tab_completes_in_a_real_shell(world: World, start: Callable[[World], Terminal]) -> None:
    if shutil.which(start.__name__) is None:
        pytest.skip(f"not installed: {start.__name__}")
    ShellSetup(Steps(is_dry=False), world.home / ".local" / "share").install()
    world.new("our_session")
    world.attach("our_session").sees("here$")
    shell = start(world)
    shell.sees("here$")
    for typed, completed in (
        ("pairterm kill-s", "pairterm kill-server"),
        ("pairterm links --js", "pairterm links --json"),
        ("pairterm attach -t ou", "pairterm attach -t our_session"),
        ("pairterm kick -t our_session te", "pairterm kick -t our_session tester"),
        ("pairterm set -t our_session size-p", "pairterm set -t our_session size-policy"),
    ):
        shell.type(typed)
        shell.sees(f"here$ {typed}")
        shell.keys("Tab")
        shell.sees(f"here$ {completed}")
        shell.keys("C-u")
        shell.wait(lambda screen, gone=completed: f"here$ {gone}" not in screen, "the line was not cleared")  # type: ignore[misc]
