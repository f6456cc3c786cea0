"""Keeping a process small: optional modules stay out of it, and what starting took is given back. Import this first.

A host is one process a session, so each megabyte counts. `None` in `sys.modules`
makes an import fail as it does in a Python built without that module
(docs.python.org, "The import system", 5.3.1), which the importers are written for.
"""

import contextlib
import ctypes
import sys
from collections.abc import Iterator

__all__ = ["give_back_memory", "without_modules"]


@contextlib.contextmanager
def without_modules(*names: str) -> Iterator[None]:
    """Have these modules missing for all imports in this block; what is loaded already stays."""
    absent = [name for name in names if name not in sys.modules]
    for name in absent:
        sys.modules[name] = None  # type: ignore[assignment]  # the documented mark of a missing module
    try:
        yield
    finally:
        for name in absent:
            sys.modules.pop(name, None)


def give_back_memory() -> None:
    """Give what was freed back to the system, where the C library can: starting frees a twentieth of what it took."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc's
    if trim is not None:
        trim(0)
