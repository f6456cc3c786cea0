"""The options of a running session: one table for help, completion, errors and docs, and the size options themselves.

`house_options` sets the others.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from pairterm.errors import UsageError
from pairterm.session.sizes import Policy, SizeRule, parse_size

__all__ = ["OPTIONS", "OptionDoc", "option_values", "unknown_option", "with_option"]


@dataclass(frozen=True, slots=True)
class OptionDoc:
    """One row of the table."""

    name: str
    values: str
    """The values it takes, alternatives parted by ` | `; a word in capitals stands for a value."""
    text: str
    """What it does, for people. It ends without a full stop."""

    @property
    def words(self) -> tuple[str, ...]:
        """The first words that a value may begin with, for completion."""
        return tuple(word for each in self.values.split(" | ") if (word := each.split()[0]).islower())


OPTIONS = (
    OptionDoc(
        "size-policy",
        "smallest | largest | latest | owner | fixed COLSxROWS",
        "whose terminal gives the session its size",
    ),
    OptionDoc("size-floor", "COLSxROWS", "a smaller terminal does not shrink the session; it shows a part of it"),
    OptionDoc("read-only-votes", "on | off", "whether the terminals of people who watch count for the size"),
    OptionDoc("seat", "on [--rotate TIME] | off", "one person types at a time"),
    OptionDoc("seat-rotate", "TIME | off", "how long one person types before it is the next one's turn"),
    OptionDoc("confirm-enter", "on | off", "you confirm each Enter that a guest presses"),
    OptionDoc("ask", "on | off", "guests wait at the door until you let them in"),
    OptionDoc("max-guests", "NUMBER", "how many guests may be in the session, 0 to 1000"),
    OptionDoc("admit", "token | key | token+key", "what opens the session: a link, a key, or both together"),
    OptionDoc("call", "URL | off", "the address of a voice or video call, shown to everybody"),
)
"""All options, in the order in which they are shown."""

_POLICIES = ", ".join(each.value for each in Policy if each is not Policy.FIXED) + ", fixed COLSxROWS"

_ON_OFF = {"on": True, "off": False}


def option_values(rule: SizeRule) -> dict[str, str]:
    """Return each option's value, as `with_option` takes it."""
    return {
        "size-policy": str(rule),
        "size-floor": f"{rule.floor.cols}x{rule.floor.rows}",
        "read-only-votes": "on" if rule.read_only_votes else "off",
    }


def with_option(rule: SizeRule, name: str, value: str) -> SizeRule:
    """Return the rule with one option set.

    Raises:
        UsageError: There is no such option or value; the message names those that are.
    """
    match name:
        case "size-policy":
            return _with_policy(rule, value)
        case "size-floor":
            return replace(rule, floor=parse_size(value))
        case "read-only-votes":
            if value not in _ON_OFF:
                raise UsageError(f"bad value {value!r} for {name}: on or off", code="option")
            return replace(rule, read_only_votes=_ON_OFF[value])
    raise unknown_option(name)


def unknown_option(name: str) -> UsageError:
    """Return the error for a name that is no option: it names the nearest one, or all of them."""
    import difflib  # Here: only a mistake needs it, and every command line would load it.

    names = [each.name for each in OPTIONS]
    near = difflib.get_close_matches(name, names, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"the options are {', '.join(names)}"
    return UsageError(f"unknown option {name[:40]!r}: {hint}", code="option")


def _with_policy(rule: SizeRule, value: str) -> SizeRule:
    word, _, rest = value.strip().partition(" ")
    if word == Policy.FIXED.value and rest:
        return replace(rule, policy=Policy.FIXED, fixed=parse_size(rest))
    if word in [each.value for each in Policy if each is not Policy.FIXED] and not rest:
        return replace(rule, policy=Policy(word), fixed=None)
    raise UsageError(f"bad size-policy {value!r}: {_POLICIES}", code="option")
