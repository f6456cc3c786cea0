"""Samples of all targets as a table with ratios, and as JSON for the plots."""

from __future__ import annotations

import json
import platform
import statistics
import subprocess
from pathlib import Path
from typing import Any

import asyncssh

from pairterm import __version__

__all__ = ["Results", "as_json", "machine", "percentile", "table"]

Results = dict[str, dict[str, list[float]]]
"""Target → figure → samples."""

_MIN_LATENCY_SAMPLES = 20
"""From so many samples on, a figure is shown as its lower quartile, its median and its 99th percentile."""


def percentile(samples: list[float], percent: float) -> float:
    """Return the sample below which so many percent lie."""
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def machine() -> dict[str, str]:
    """Say what this was measured on, and with which versions."""
    found = {
        "machine": f"{_cpu()}, {platform.machine()}, {_processors()} processors",
        "system": f"{_os_release()}, Linux {platform.release()}",
        "Python": platform.python_version(),
        "pairterm": __version__,
        "asyncssh": asyncssh.__version__,
    }
    for name, argv in {"tmux": ["tmux", "-V"], "OpenSSH": ["ssh", "-V"]}.items():
        try:
            done = subprocess.run(argv, capture_output=True, text=True, check=False)
        except FileNotFoundError:
            continue
        found[name] = (done.stdout or done.stderr).strip()
    return found


def _cpu() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown")


def _processors() -> int:
    return Path("/proc/cpuinfo").read_text().count("processor\t")


def _os_release() -> str:
    lines = Path("/etc/os-release").read_text().splitlines()
    return next((line.split("=", 1)[1].strip('"') for line in lines if line.startswith("PRETTY_NAME")), "unknown")


def as_json(results: Results, options: dict[str, Any]) -> str:
    """Return everything that was measured."""
    return json.dumps({"machine": machine(), "options": options, "samples": results}, indent=1)


def table(results: Results, *, ours: str, theirs: str) -> str:
    """Return a table in Markdown: each figure, both targets, and ours over theirs."""
    rows = [f"| figure | {ours} | {theirs} | ratio |", "|---|---:|---:|---:|"]
    names = [*results.get(ours, {}), *(name for name in results.get(theirs, {}) if name not in results.get(ours, {}))]
    for name in names:
        mine, peer = results.get(ours, {}).get(name), results.get(theirs, {}).get(name)
        for label, percent in _percentiles(mine or peer or []):
            a, b = (None if each is None else _value(each, percent) for each in (mine, peer))
            ratio = f"{a / b:.2f}" if a is not None and b else ""
            rows.append(f"| {name}{label} | {_shown(name, a)} | {_shown(name, b)} | {ratio} |")
    return "\n".join(rows)


def _percentiles(samples: list[float]) -> list[tuple[str, float | None]]:
    return [(", p25", 25.0), (", p50", 50.0), (", p99", 99.0)] if len(samples) >= _MIN_LATENCY_SAMPLES else [("", None)]


def _value(samples: list[float], percent: float | None) -> float:
    return statistics.median(samples) if percent is None else percentile(samples, percent)


def _shown(name: str, value: float | None) -> str:
    if value is None:
        return ""
    if "memory" in name:
        return f"{value / 2**20:.2f} MiB"
    if "share of a core" in name:
        return f"{value * 100:.2f} %"
    if "bytes" in name:
        return f"{value / 1000:.0f} kB"
    return f"{value * 1000:.2f} ms" if value < 1 else f"{value:.2f} s"
