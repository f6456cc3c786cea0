"""The states of several workers as one: `gateway.status_sums`."""

from __future__ import annotations

from typing import Any

from pairterm.gateway.status_sums import sum_of_workers


def state(name: str, *sessions: str, guests: int, **more: Any) -> dict[str, Any]:
    return {
        "gateway": name,
        "host": "pair.example.org",
        "pid": len(name),
        "uptime_s": 10.0 * guests,
        "sessions": [{"session": each} for each in sessions],
        "guests": guests,
        "guests_by_transport": {"ssh": guests, "web": 0},
        "max_guests": 1000,
        "wrong_links": 1,
        "penalised_sources": 3,
        "bytes_to_guests": 100,
        "bytes_from_guests": 10,
        "cpu_s": 0.1,
        "memory_bytes": 1 << 20,
        "is_draining": False,
        "problems": [],
        **more,
    }


def test_counts_add_up_and_what_is_common_stays() -> None:
    own, other = state("a", "zebra", guests=1), state("bb", "ape", guests=2, problems=["no list"])
    found = sum_of_workers(own, [other, {"gateway": "ccc", "error": "it does not answer"}])
    assert [each["session"] for each in found["sessions"]] == ["ape", "zebra"]
    assert (found["guests"], found["guests_by_transport"]) == (3, {"ssh": 3, "web": 0})
    assert (found["cpu_s"], found["memory_bytes"], found["uptime_s"]) == (0.2, 2 << 20, 20.0)
    assert (found["max_guests"], found["penalised_sources"], found["host"]) == (1000, 3, "pair.example.org")
    assert found["problems"] == ["no list", "the worker ccc: it does not answer"]
    assert [(each["gateway"], each["pid"], each["sessions"]) for each in found["workers"]] == [
        ("a", 1, 1),
        ("bb", 2, 1),
    ]


def test_one_worker_that_drains_is_seen() -> None:
    own, other = state("a", guests=0), state("b", guests=0, is_draining=True)
    assert sum_of_workers(own, [])["is_draining"] is False
    assert sum_of_workers(own, [other])["is_draining"] is True
