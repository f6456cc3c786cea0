"""Keeping optional modules of the standard library out of a process that must be small: import this first.

A host is one process a session, so each megabyte counts. `None` in `sys.modules`
makes an import fail as it does in a Python built without that module
(docs.python.org, "The import system", 5.3.1), which the importers are written for.
"""

import contextlib
import sys
from collections.abc import Iterator

__all__ = ["leaving_out"]


@contextlib.contextmanager
def leaving_out(*names: str) -> Iterator[None]:
    """Have these modules missing for all imports in this block; what is loaded already stays."""
    absent = [name for name in names if name not in sys.modules]
    for name in absent:
        sys.modules[name] = None  # type: ignore[assignment]  # the documented mark of a missing module
    try:
        yield
    finally:
        for name in absent:
            sys.modules.pop(name, None)
