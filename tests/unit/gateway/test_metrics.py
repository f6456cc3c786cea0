"""The figures for Prometheus: read where they change, not beside it."""

from __future__ import annotations

import asyncio
import socket
import threading
import urllib.request
from typing import Any

import pytest

from pairterm.gateway.metrics import serve_metrics

pytest.importorskip("prometheus_client")

TIMEOUT_S = 20.0


async def test_figures_are_read_in_the_gateways_loop() -> None:
    """A thread went through the sessions while the loop changed them: "set changed size during iteration"."""
    readers: list[int] = []

    def status() -> dict[str, Any]:
        readers.append(threading.get_ident())
        figures = ("guests", "memory_bytes", "penalised_sources", "is_draining")
        return {"sessions": [1, 2], "bytes_to_guests": 1, "bytes_from_guests": 2, "cpu_s": 0.5} | dict.fromkeys(
            figures, 3
        )

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def scrape() -> str:
        text: bytes = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=TIMEOUT_S).read()
        return text.decode()

    stop = serve_metrics(port, status)
    try:
        text = await asyncio.to_thread(scrape)
    finally:
        stop()
    assert "pairterm_sessions 2.0" in text
    assert "pairterm_guests 3.0" in text
    assert set(readers) == {threading.get_ident()}
