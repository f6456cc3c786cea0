"""The options of a running session: one table stands behind help, completion, errors and what the session takes."""

from __future__ import annotations

import click
import pytest
from click.shell_completion import ShellComplete

from pairterm.cli.app import pairterm
from pairterm.cli.set_command import set_
from pairterm.errors import UsageError
from pairterm.session.commands.option_table import OPTIONS
from tests.unit.session.sessions import Session


def say(line: str) -> str:
    """Return the answer of a new session to its owner's command line."""
    _, answer = Session().core.owner_command(line, 1000.0)
    return answer


def test_the_table_is_what_a_session_has() -> None:
    assert [each.split(" ")[0] for each in say("show-options").split("; ")] == [each.name for each in OPTIONS]


@pytest.mark.parametrize(
    ("name", "word"), [(each.name, word) for each in OPTIONS for word in each.words if each.name != "admit"]
)
def test_each_word_that_the_table_offers_is_taken(name: str, word: str) -> None:
    value = "fixed 100x30" if word == "fixed" else word
    assert say(f"set {name} {value}").startswith(f"{name} ")


@pytest.mark.parametrize("word", ["key", "token+key"])
def test_a_session_without_keys_says_what_its_admission_lacks(word: str) -> None:
    with pytest.raises(UsageError, match="there are no keys"):
        say(f"set admit {word}")


def test_help_names_every_option_with_its_values() -> None:
    text = set_.get_help(click.Context(set_))
    for each in OPTIONS:
        assert each.name in text
        assert each.values in text


def test_an_option_of_a_value_is_not_taken_for_one_of_the_command() -> None:
    context = set_.make_context("set", ["-t", "work", "seat", "on", "--rotate", "10m"])
    assert context.params["option"] == "seat"
    assert context.params["value"] == ("on", "--rotate", "10m")
    assert context.params["target"] == "work"


@pytest.mark.parametrize(
    ("words", "begun", "offered"),
    [
        (["set"], "se", {"seat", "seat-rotate"}),
        (["set", "admit"], "", {"token", "key", "token+key"}),
        (["set", "size-policy"], "l", {"largest", "latest"}),
        (["set", "call"], "", {"off"}),
        (["set-option", "ask"], "o", {"on", "off"}),
    ],
)
def test_tab_offers_options_and_their_values(words: list[str], begun: str, offered: set[str]) -> None:
    completion = ShellComplete(pairterm, {}, "pairterm", "_PAIRTERM_COMPLETE")
    assert {each.value for each in completion.get_completions(words, begun)} == offered


def test_a_value_that_is_missing_is_asked_for_with_the_choices() -> None:
    with pytest.raises(UsageError, match=r"set seat on \[--rotate TIME\] \| off"):
        set_.main(["seat"], standalone_mode=False)


def test_a_name_that_is_no_option_names_the_nearest() -> None:
    with pytest.raises(UsageError, match="did you mean 'seat-rotate'"):
        set_.main(["seat-rotat"], standalone_mode=False)
