"""Writes `pairterm/terminal/width_table.py` from the wcwidth package that is installed.

Run by hand (`python -m tests.golden.make_width_table`) when Unicode grows; the unit test
of the widths says when the package and the table disagree.
"""

from __future__ import annotations

import textwrap
from pathlib import Path

from wcwidth import list_versions, wcwidth

_HEAD = '''"""Columns of characters, Unicode {version}: which take two, which take none. The rest take one.

Made by tests/golden/make_width_table.py from the tables of the wcwidth package (which is
not imported at run time: it takes five megabytes). Ranges of code points in hexadecimal,
"first-last" or a single one, sorted.
"""

__all__ = ["UNICODE_VERSION", "WIDE", "ZERO"]

UNICODE_VERSION = "{version}"
'''


def ranges(columns: int) -> list[str]:
    """Return the ranges of code points that take so many columns, above the control characters."""
    found: list[list[int]] = []
    for code in (*range(0x20, 0x7F), *range(0xA0, 0xD800), *range(0xE000, 0x110000)):
        if max(0, wcwidth(chr(code))) == columns:
            if found and found[-1][1] == code - 1:
                found[-1][1] = code
            else:
                found.append([code, code])
    return [f"{first:x}-{last:x}" if last > first else f"{first:x}" for first, last in found]


def _constant(name: str, items: list[str]) -> str:
    lines = textwrap.wrap(" ".join(items), 110)
    return f"\n{name} = (\n" + "\n".join(f'    "{line} "' for line in lines) + "\n)\n"


def main() -> None:
    """Write the file."""
    text = _HEAD.format(version=list_versions()[-1]) + _constant("WIDE", ranges(2)) + _constant("ZERO", ranges(0))
    Path(__file__).parents[2].joinpath("pairterm/terminal/width_table.py").write_text(text)


if __name__ == "__main__":
    main()
