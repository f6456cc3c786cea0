"""A host does not load some modules at its start, but can import them later."""

from __future__ import annotations

import subprocess
import sys

_WITHOUT = """
import sys
from pairterm.host.small_process import without_modules
with without_modules("ssl", "_hashlib"):
    import pairterm.host.run
unwanted = {"ssl", "_hashlib", "asyncssh", "cryptography", "platformdirs", "shutil", "pyte", "wcwidth", "pairterm.view"}
loaded = unwanted & sys.modules.keys()
assert not loaded, loaded
import hashlib, urllib.request, ssl
assert hashlib.sha256(b"").hexdigest().startswith("e3b0c442")
assert hasattr(urllib.request, "HTTPSHandler") and ssl.create_default_context()
"""


def test_a_host_loads_nothing_that_it_does_not_need_and_hooks_can_still_use_https() -> None:
    done = subprocess.run([sys.executable, "-P", "-c", _WITHOUT], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
