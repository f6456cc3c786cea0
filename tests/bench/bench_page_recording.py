"""Ten hours of `top` on the page: how soon it plays, and how long a seek takes.

`python -m tests.bench.bench_page_recording [--hours 10]` prints a table in Markdown. Debian's Chromium loads a shared
recording from a gateway on loopback. A seek ends when the page shows the screen of that time. The first seek comes
before the page has taken its keyframes, the others when it has them.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics

from tests.bench.bench_recording import record
from tests.browser.browser import Browser, Page, browser_or_skip
from tests.browser.web_gateway import open_place
from tests.e2e.terminal import eventually

_SEEKS = 40
_LOAD_S = 300.0

_SEEK = """
const began = performance.now();
return window.pairterm.seek(arguments[0]).then(() => performance.now() - began);
"""


def seek_ms(page: Page, at_s: float) -> float:
    """Return how long a seek takes."""
    return float(page.script(_SEEK, at_s))


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--hours", type=float, default=10.0)
    hours = parser.parse_args().hours
    browser = Browser(*browser_or_skip())
    try:
        with open_place() as place:
            path = place.world.home / "top.cast"
            record(path, hours)
            shared = json.loads(place.world.run("share-recording", "--json", str(path)).stdout)
            page = browser.open(shared["url"])
            browser.driver.set_script_timeout(_LOAD_S)
            is_there = "return window.pairterm?.seek !== undefined"
            eventually(lambda: bool(page.script(is_there)), page.report, deadline_s=_LOAD_S)
            first_ms = seek_ms(page, hours * 3600 * 0.5)
            eventually(lambda: bool(page.script("return window.pairterm.isIndexed()")), page.report, deadline_s=_LOAD_S)
            places = random.Random(1)
            found = sorted(seek_ms(page, places.uniform(0, hours * 3600)) for _ in range(_SEEKS))
            print("| size | the first seek, to the middle | a later seek, median | the longest |\n|---|---|---|---|")
            figures = (first_ms, statistics.median(found), found[-1])
            print(f"| {path.stat().st_size / 1e6:.1f} MB |", " | ".join(f"{each:.0f} ms" for each in figures), "|")
    finally:
        browser.close()


if __name__ == "__main__":
    main()
