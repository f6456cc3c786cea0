"""A disk that stops: a file system of its own in a file, frozen by the kernel. Each write to it then really waits."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

__all__ = ["FreezableDisk", "freezable_disk"]


class FreezableDisk:
    """A mounted file system."""

    def __init__(self, place: Path) -> None:
        self.place = place

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Let all writes wait, until the block ends."""
        subprocess.run(["fsfreeze", "--freeze", self.place], check=True)
        try:
            yield
        finally:
            subprocess.run(["fsfreeze", "--unfreeze", self.place], check=True)


@contextmanager
def freezable_disk(directory: Path) -> Iterator[FreezableDisk]:
    """Mount a file system below a directory. It needs root and loop devices: without them, the test is skipped."""
    image, place = directory / "disk.img", directory / "disk"
    place.mkdir()
    with image.open("wb") as file:
        file.truncate(16 << 20)
    if os.geteuid():
        pytest.skip("only root can mount a file system")
    subprocess.run(["mkfs.ext4", "-q", "-F", image], check=True, stdin=subprocess.DEVNULL)
    done = subprocess.run(["mount", "-o", "loop", image, place], check=False, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"this machine mounts no file: {done.stderr.strip()}")
    try:
        yield FreezableDisk(place)
    finally:
        # A process that a failed test has left behind does not hold the disk.
        subprocess.run(["umount", "--lazy", place], check=True)
