"""Figures for Prometheus, on loopback only. They contain no name, no address and no token."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from pairterm.errors import SystemFault, UsageError

__all__ = ["serve_metrics"]

_ANSWER_TIMEOUT_S = 5.0
"""If the loop does not answer within this time, the scrape fails, and that is what the operator should see."""

_GAUGES = {
    "guests": ("guests", "Guests who have joined"),
    "max_guests": ("guests_limit", "Guests who may be here"),
    "max_sessions": ("sessions_limit", "Sessions that may be here"),
    "uptime_s": ("uptime_seconds", "Time since the start"),
    "memory_bytes": ("memory_bytes", "Memory of the gateway's process"),
    "penalised_sources": ("penalised_sources", "Addresses with wrong links to their account"),
    "is_draining": ("draining", "1 while no more guests are taken"),
}

_COUNTERS = {
    "bytes_to_guests": ("to_guests_bytes", "Bytes written to guests"),
    "bytes_from_guests": ("from_guests_bytes", "Bytes that guests typed"),
    "wrong_links": ("wrong_links", "Wrong links that were presented"),
    "cpu_s": ("cpu_seconds", "CPU time of the gateway's process"),
}


def serve_metrics(port: int, status: Callable[[], Awaitable[dict[str, Any]]]) -> Callable[[], None]:
    """Serve the figures on 127.0.0.1; return a function that ends that. `status` is called in the loop that runs now.

    Raises:
        UsageError: The library is not installed.
        SystemFault: The port can't be had.
    """
    try:
        from prometheus_client import CollectorRegistry, start_http_server
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
        from prometheus_client.registry import Collector
    except ImportError as error:
        raise UsageError(
            "metrics need the package prometheus-client: pip install 'pairterm[metrics]'", code="no_metrics"
        ) from error

    loop = asyncio.get_running_loop()

    async def ask() -> dict[str, Any]:
        return await status()

    class Figures(Collector):
        """The gateway's state when it is asked for. The question comes in a thread; the loop answers it."""

        def collect(self) -> Iterator[Metric]:
            state = asyncio.run_coroutine_threadsafe(ask(), loop).result(_ANSWER_TIMEOUT_S)
            sessions = state["sessions"]
            yield GaugeMetricFamily("pairterm_sessions", "Sessions that are here", len(sessions))
            away = sum(each["is_away"] for each in sessions)
            yield GaugeMetricFamily("pairterm_sessions_away", "Sessions whose host is away", away)
            by_transport = GaugeMetricFamily(
                "pairterm_guests_by_transport", "Guests who are in a session, by their program", labels=["transport"]
            )
            for transport, count in state["guests_by_transport"].items():
                by_transport.add_metric([transport], float(count))
            yield by_transport
            for key, (name, text) in _GAUGES.items():
                yield GaugeMetricFamily(f"pairterm_{name}", text, float(state[key]))
            if (cluster := state["cluster"]) is not None:
                text = "1 while this gateway reaches the other gateways of its service"
                yield GaugeMetricFamily("pairterm_cluster_connected", text, float(cluster["is_connected"]))
                text = "Gateways of the service, with this one"
                yield GaugeMetricFamily("pairterm_cluster_gateways", text, float(cluster["gateways"]))
            for key, (name, text) in _COUNTERS.items():
                yield CounterMetricFamily(f"pairterm_{name}", text, float(state[key]))

    registry = CollectorRegistry(auto_describe=False)
    registry.register(Figures())
    try:
        server, thread = start_http_server(port, addr="127.0.0.1", registry=registry)
    except OSError as error:
        raise SystemFault(f"can't serve metrics on 127.0.0.1:{port}: {error.strerror}", code="metrics") from error

    def stop() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    return stop
