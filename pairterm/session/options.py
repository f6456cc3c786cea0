"""What can be set on a session while it runs: names, values, and what is wrong with a bad one."""

from __future__ import annotations

import difflib
from dataclasses import replace

from pairterm.errors import UsageError
from pairterm.session.sizes import Policy, SizeRule, parse_size

__all__ = ["OPTION_NAMES", "option_values", "with_option"]

OPTION_NAMES = ("size-policy", "size-floor", "read-only-votes")

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
    near = difflib.get_close_matches(name, OPTION_NAMES, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"known options: {', '.join(OPTION_NAMES)}"
    raise UsageError(f"unknown option {name!r}: {hint}", code="option")


def _with_policy(rule: SizeRule, value: str) -> SizeRule:
    word, _, rest = value.strip().partition(" ")
    if word == Policy.FIXED.value and rest:
        return replace(rule, policy=Policy.FIXED, fixed=parse_size(rest))
    if word in [each.value for each in Policy if each is not Policy.FIXED] and not rest:
        return replace(rule, policy=Policy(word), fixed=None)
    raise UsageError(f"bad size-policy {value!r}: {_POLICIES}", code="option")
