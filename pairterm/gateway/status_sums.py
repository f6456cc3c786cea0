"""The workers of one machine as one gateway: their states as one state, for the operator and for Prometheus. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

__all__ = ["status_of_machine", "sum_of_workers"]

_SUMS = ("guests", "wrong_links", "bytes_to_guests", "bytes_from_guests", "cpu_s", "memory_bytes")

_OF_EACH_WORKER = ("gateway", "pid", "uptime_s", "guests", "cpu_s", "memory_bytes")


def status_of_machine(statuses: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the state of another machine, from that of each gateway there. One that does not answer has an `error`."""
    answered = [each for each in statuses if "error" not in each]
    if len(statuses) == 1 or not answered:
        return statuses[0]
    return sum_of_workers(answered[0], [each for each in statuses if each is not answered[0]])


def sum_of_workers(own: dict[str, Any], others: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the state of all workers together, in the form of `Operator.status`, with `workers`.

    A worker that does not answer has only `gateway` and `error`. The facts that all workers have in common come from
    `own`: their address, the limits, the penalties that they share, the directory of recordings.
    """
    answered = [own, *(each for each in others if "error" not in each)]
    by_transport: Counter[str] = Counter()
    for each in answered:
        by_transport.update(each["guests_by_transport"])
    problems = [problem for each in answered for problem in each["problems"]]
    problems += [f"the worker {each['gateway']}: {each['error']}" for each in others if "error" in each]
    return {
        **own,
        **{key: sum(each[key] for each in answered) for key in _SUMS},
        "cpu_s": round(sum(each["cpu_s"] for each in answered), 2),
        "uptime_s": max(each["uptime_s"] for each in answered),
        "sessions": sorted((each for one in answered for each in one["sessions"]), key=lambda each: each["session"]),
        "guests_by_transport": {**own["guests_by_transport"], **by_transport},
        "is_draining": any(each["is_draining"] for each in answered),
        "problems": list(dict.fromkeys(problems)),
        "workers": [
            {**{key: each[key] for key in _OF_EACH_WORKER if key in each}, "sessions": len(each["sessions"])}
            for each in answered
        ],
    }
