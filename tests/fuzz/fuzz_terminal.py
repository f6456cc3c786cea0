"""Coverage-guided fuzzing of the terminal core: no exception, no cell out of shape, no slow input, no growth.

`python -m tests.fuzz.fuzz_terminal -max_total_time=20` (libFuzzer's options; a folder named
last keeps the inputs found). It begins with the golden cases and the recordings. Laws 1
and 2 must hold; an input of 4 KB that takes 10 s, or 512 MB, is a find too.
"""

from __future__ import annotations

import importlib
import sys
import tempfile
from pathlib import Path
from typing import Any

_LIMITS = ("-max_len=4096", "-timeout=10", "-rss_limit_mb=512")


def main(arguments: list[str]) -> None:
    """Fuzz until libFuzzer's options say that it is enough."""
    atheris: Any = importlib.import_module("atheris")
    with atheris.instrument_imports(include=["pairterm.terminal"]):
        inputs = importlib.import_module("tests.fuzz.terminal_input")
    with tempfile.TemporaryDirectory() as folder:
        for number, seed in enumerate(inputs.seeds()):
            (Path(folder) / f"seed{number}").write_bytes(b"\x00\x07" + seed)
        folders = [argument for argument in arguments if not argument.startswith("-")]
        options = [argument for argument in arguments if argument.startswith("-")]
        atheris.Setup([sys.argv[0], *_LIMITS, *options, *folders, folder], inputs.check)
        atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1:])
