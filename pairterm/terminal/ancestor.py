"""What this package takes from pyte: the base class, its cursor and cell types, its tables.

pyte asks the wcwidth package for widths, in methods that are all overridden here. That
package loads five megabytes (it brings an HTML escaper, a text wrapper, `secrets` and
more), which every session's process would pay; so while pyte is being imported, and only
then, a stand-in with our own table answers to its name. Measured: 1.6 instead of 6.5 MB.
"""

from __future__ import annotations

import sys
import types

from pairterm.terminal.widths import width

__all__ = ["Char", "Cursor", "Margins", "PyteScreen", "cs", "mo"]

_stand_in = types.ModuleType("wcwidth", "Stands in for the wcwidth package while pyte is imported.")
_stand_in.wcwidth = width  # type: ignore[attr-defined]  # a module made by hand
_is_needed = "wcwidth" not in sys.modules
if _is_needed:
    sys.modules["wcwidth"] = _stand_in
try:
    from pyte import charsets as cs
    from pyte import modes as mo
    from pyte.screens import Char, Cursor, Margins
    from pyte.screens import Screen as PyteScreen
finally:
    if _is_needed:
        del sys.modules["wcwidth"]
