"""Keeps a process small: optional modules are not loaded, and freed memory is given back. Import this first.

Each session has a host process, so each megabyte counts. `None` in `sys.modules` makes an import
fail as in a Python that was built without the module (docs.python.org, "The import system",
5.3.1). The modules that import them can deal with that.
"""

import contextlib
import ctypes
import sys
from collections.abc import Iterator

__all__ = ["give_back_memory", "without_modules"]


@contextlib.contextmanager
def without_modules(*names: str) -> Iterator[None]:
    """Make imports of these modules fail within the block. A module that is loaded already stays."""
    absent = [name for name in names if name not in sys.modules]
    for name in absent:
        sys.modules[name] = None  # type: ignore[assignment]  # the documented mark of a missing module
    try:
        yield
    finally:
        for name in absent:
            sys.modules.pop(name, None)


def give_back_memory() -> None:
    """Give freed memory back to the system, where the C library can: after a start, a twentieth of it is free."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc's
    if trim is not None:
        trim(0)
