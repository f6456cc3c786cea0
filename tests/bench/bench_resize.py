"""What another width costs a session with a long history: the resize itself, and the first look after it.

`python -m tests.bench.bench_resize [--repo PATH]…` prints a table in Markdown, a column for each checkout
of pairterm that is named (this one if none is): so two versions are measured in one run, in turn. It passes
no judgement. Times are milliseconds of CPU: of all the widths of a drag from 120 columns to 60 and back the
median and the dearest. A look is how many lines there are, and the last 200.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

_MEASURE = r"""
import json, statistics, sys, time
from pairterm.terminal import Terminal
from pairterm.types import Size

LINES = 10_000
WORDS = b"the quick brown fox jumps over the lazy dog and "
CJK = "漢字かな交じり文の例、한국어 문장, ".encode()
KINDS = {
    "short lines": lambda n: b"%d a line" % n,
    "100 columns": lambda n: (b"%-6d" % n + WORDS * 3)[:100],
    "100 columns, coloured": lambda n: b"%-6d" % n + b"\x1b[31mthe quick \x1b[1;34mbrown\x1b[m fox " * 5,
    "300 columns": lambda n: (b"%-6d" % n + WORDS * 7)[:300],
    "CJK, 100 columns": lambda n: b"%-6d" % n + CJK * 3,
    "CJK, 300 columns": lambda n: b"%-6d" % n + CJK * 9,
    "one line of 1 MB": lambda n: WORDS * 2 + (b"" if n < LINES - 1 else b"\r\n"),
}

def run(name, size, is_flood):
    line = KINDS[name]
    end = b"" if name.startswith("one line") else b"\x1b[m\r\n"
    terminal = Terminal(size)
    data = [line(n) + end for n in range(LINES + size.rows)]
    step = 200 if is_flood else 1
    for start in range(0, len(data), step):
        terminal.feed(b"".join(data[start : start + step]))
    terminal.feed(b"$ ")
    terminal.snapshot()
    resizes, looks = [], []
    for cols in [*range(119, 59, -5), *range(60, 121, 5)]:
        began = time.process_time()
        terminal.resize(Size(rows=size.rows, cols=cols))
        resizes.append(time.process_time() - began)
        terminal.snapshot()
        began = time.process_time()
        length = terminal.history_length
        terminal.history(length - 200, length)
        looks.append(time.process_time() - began)
    return [statistics.median(resizes) * 1e3, max(resizes) * 1e3, statistics.median(looks) * 1e3, max(looks) * 1e3]

found = {}
for is_flood in (False, True):
    for name in KINDS:
        found[name + (", as a flood" if is_flood else "")] = run(name, Size(rows=50, cols=120), is_flood)
json.dump(found, sys.stdout)
"""


def main() -> None:
    """Measure each checkout and print the table."""
    here = Path(__file__).parents[2]
    parser = argparse.ArgumentParser()
    parser.add_argument("--repo", action="append", type=Path)
    repos: list[Path] = parser.parse_args().repo or [here]
    figures = [
        json.loads(
            subprocess.run([sys.executable, "-c", _MEASURE], cwd=repo, check=True, stdout=subprocess.PIPE).stdout
        )
        for repo in repos
    ]
    print("| 10,000 lines of | " + " | ".join(f"resize, {repo.name}: median, max | look" for repo in repos) + " |")
    print("|---" * (1 + 2 * len(repos)) + "|")
    for name in figures[0]:
        times = [f"{a:.1f}, {b:.1f} | {c:.1f}, {d:.1f}" for a, b, c, d in (found[name] for found in figures)]
        print(f"| {name} | {' | '.join(times)} |")


if __name__ == "__main__":
    main()
