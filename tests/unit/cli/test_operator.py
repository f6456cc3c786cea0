"""The commands of a gateway's operator, where no gateway answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from pairterm.cli.operator import ask_gateway
from pairterm.errors import UsageError


def test_a_gateway_that_does_not_run_is_named_by_the_option_that_finds_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An operator had started it with --link-socket, and read: no gateway runs at /tmp/pairterm-1004/.gateway.op."""
    monkeypatch.setenv("PAIRTERM_GATEWAY", str(tmp_path / "link.sock"))
    with pytest.raises(UsageError, match=r"no gateway runs at \S+/link.sock; .* --link-socket"):
        ask_gateway(None, {"do": "status"})
    with pytest.raises(UsageError, match=r"no gateway runs at \S+/other.sock$"):
        ask_gateway(str(tmp_path / "other.sock"), {"do": "status"})


def test_a_gateway_on_another_machine_is_asked_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """With PAIRTERM_GATEWAY=vm.example.com, the command looked for a file vm.example.com.op."""
    monkeypatch.setenv("PAIRTERM_GATEWAY", "vm.example.com")
    with pytest.raises(UsageError, match=r"vm\.example\.com is on another machine"):
        ask_gateway(None, {"do": "status"})
