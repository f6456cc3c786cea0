"""Draw the samples of `python -m tests.bench.peers --json FILE` as SVG for the documentation.

    python -m scripts.plots FILE docs/images

Takes matplotlib: `pip install -e '.[bench]'`. The same samples give the same files.
"""

from __future__ import annotations

import argparse
import json
import statistics
from collections.abc import Callable
from pathlib import Path
from typing import Any

__all__ = ["main"]

_Samples = dict[str, list[float]]
_Points = list[tuple[int, float]]

_COLOURS = {"pairterm": "#2a6f97", "sshd + tmux": "#c8553d"}

_SIZE_INCHES = (6.0, 3.4)


def _points(samples: _Samples, figure: str, value: Callable[[list[float]], float]) -> _Points:
    """Return (watchers, value) of the figures called `figure N`."""
    named = [(name.removeprefix(f"{figure} "), each) for name, each in samples.items() if name.startswith(f"{figure} ")]
    return sorted((int(watchers), value(each)) for watchers, each in named if watchers.isdigit())


def _latency(samples: _Samples) -> _Points:
    return [(watchers, each * 1000) for watchers, each in _points(samples, "echo", statistics.median)]


def _memory(samples: _Samples) -> _Points:
    if "memory 0" not in samples:
        return []
    alone = statistics.median(samples["memory 0"])
    per_watcher = _points(samples, "memory per watcher", statistics.median)
    return [(0, alone / 2**20)] + [(count, (alone + count * each) / 2**20) for count, each in per_watcher]


def _draw(results: dict[str, _Samples], points: Callable[[_Samples], _Points], title: str, unit: str, to: Path) -> None:
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "pairterm"
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=_SIZE_INCHES, layout="constrained")
    for name, samples in results.items():
        drawn = points(samples)
        if drawn:
            axes.plot(*zip(*drawn, strict=True), marker="o", label=name, color=_COLOURS.get(name))
    axes.set(title=title, xlabel="watchers", ylabel=unit, ylim=(0, None), xlim=(0, None))
    axes.grid(alpha=0.3)
    axes.legend(frameon=False)
    metadata: dict[str, Any] = {"Date": None}
    figure.savefig(to, metadata=metadata)
    pyplot.close(figure)
    # matplotlib leaves blanks at line ends.
    to.write_text("".join(f"{line.rstrip()}\n" for line in to.read_text(encoding="utf-8").splitlines()), "utf-8")


def main() -> None:
    """Draw what the command line names."""
    parser = argparse.ArgumentParser(prog="python -m scripts.plots", description=__doc__)
    parser.add_argument("samples", type=Path)
    parser.add_argument("directory", type=Path)
    options = parser.parse_args()
    results: dict[str, _Samples] = json.loads(options.samples.read_text(encoding="utf-8"))["samples"]
    options.directory.mkdir(parents=True, exist_ok=True)
    _draw(results, _latency, "A key until the last watcher shows it, median", "ms", options.directory / "echo.svg")
    _draw(results, _memory, "Memory of all server processes", "MiB", options.directory / "memory.svg")


if __name__ == "__main__":
    main()
