"""The figures for Prometheus: read where they change, not beside it."""

from __future__ import annotations

import asyncio
import re
import socket
import threading
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pairterm.gateway import metrics
from pairterm.gateway.metrics import serve_metrics

pytest.importorskip("prometheus_client")

TIMEOUT_S = 60.0

MONITORING = Path(__file__).resolve().parents[3] / "packaging" / "monitoring"


def some_status() -> dict[str, Any]:
    figures = dict.fromkeys((*metrics._GAUGES, *metrics._COUNTERS), 3)
    by_transport = {"guests_by_transport": {"ssh": 2, "join": 0, "web": 1}}
    return (
        {"sessions": [{"is_away": True}, {"is_away": False}], "cluster": {"is_connected": True, "gateways": 3}}
        | by_transport
        | figures
    )


async def scraped(status: Callable[[], dict[str, Any]]) -> str:
    """Return what Prometheus would read."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def scrape() -> str:
        text: bytes = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=TIMEOUT_S).read()
        return text.decode()

    async def answer() -> dict[str, Any]:
        return status()

    stop = serve_metrics(port, answer)
    try:
        return await asyncio.to_thread(scrape)
    finally:
        stop()


async def test_figures_are_read_in_the_gateways_loop() -> None:
    """A thread went through the sessions while the loop changed them: "set changed size during iteration"."""
    readers: list[int] = []

    def status() -> dict[str, Any]:
        readers.append(threading.get_ident())
        return some_status()

    text = await scraped(status)
    assert "pairterm_sessions_away 1.0" in text
    assert "pairterm_sessions 2.0" in text
    assert "pairterm_guests 3.0" in text
    assert 'pairterm_guests_by_transport{transport="web"} 1.0' in text
    assert set(readers) == {threading.get_ident()}


@pytest.mark.parametrize("name", ["pairterm-alerts.yml", "pairterm-dashboard.json"])
async def test_the_rules_and_the_dashboard_ask_for_figures_that_there_are(name: str) -> None:
    """`tests/nightly/test_monitoring.py` shows the same with a real Prometheus."""
    served = set(re.findall(r"^(pairterm_\w+)[ {]", await scraped(some_status), re.MULTILINE))
    asked = set(re.findall(r"\bpairterm_\w+", (MONITORING / name).read_text(encoding="utf-8")))
    assert asked
    assert not asked - served


async def test_the_dashboard_shows_every_figure() -> None:
    served = set(re.findall(r"^(pairterm_\w+)[ {]", await scraped(some_status), re.MULTILINE))
    text = (MONITORING / "pairterm-dashboard.json").read_text(encoding="utf-8")
    missing = {each for each in served if not re.search(rf"\b{each}\b", text)}
    assert not missing
