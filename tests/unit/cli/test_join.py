"""The forms of a link that `pairterm join` accepts."""

from __future__ import annotations

import pytest

from pairterm.cli.join import read_link
from pairterm.errors import UsageError

TOKEN = "rw-" + "a" * 32


@pytest.mark.parametrize(
    ("words", "address"),
    [
        ([f"{TOKEN}@vm.example.com"], (TOKEN, "vm.example.com", 22)),
        ([f"{TOKEN}@vm.example.com:2222"], (TOKEN, "vm.example.com", 2222)),
        (["ssh", f"{TOKEN}@vm"], (TOKEN, "vm", 22)),
        (["ssh", "-p", "2222", f"{TOKEN}@vm"], (TOKEN, "vm", 2222)),
        ([f"ssh {TOKEN}@vm -p 2222"], (TOKEN, "vm", 2222)),
        ([f"ssh -p2222 {TOKEN}@10.0.0.1"], (TOKEN, "10.0.0.1", 2222)),
        ([f"ssh://{TOKEN}@vm"], (TOKEN, "vm", 22)),
        ([f"ssh://{TOKEN}@vm:2222/"], (TOKEN, "vm", 2222)),
        ([f"ssh://{TOKEN}@[2001:db8::1]:2222"], (TOKEN, "2001:db8::1", 2222)),
        ([f"{TOKEN}@[2001:db8::1]"], (TOKEN, "2001:db8::1", 22)),
        ([f"{TOKEN}@2001:db8::1"], (TOKEN, "2001:db8::1", 22)),
        ([f"  ssh  -p 2222   {TOKEN}@vm "], (TOKEN, "vm", 2222)),
        (["7-horse-lamp@vm"], ("7-horse-lamp", "vm", 22)),
        (["team-x@vm:2222"], ("team-x", "vm", 2222)),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_every_form_of_a_link_is_read(words: list[str], address: tuple[str, str, int]) -> None:
    assert read_link(words) == address


@pytest.mark.parametrize(
    "words",
    [
        [""],
        ["ssh"],
        ["vm.example.com"],
        ["@vm"],
        [f"{TOKEN}@"],
        [f"{TOKEN}@vm:0"],
        [f"{TOKEN}@vm:65536"],
        [f"{TOKEN}@vm:x"],
        [f"{TOKEN}@-oProxyCommand=x"],
        [f"-oProxyCommand=x {TOKEN}@vm"],
        [f"ssh -o ProxyCommand=x {TOKEN}@vm"],
        [f"{TOKEN}@vm", "uptime"],
        [f"{TOKEN}@vm;id"],
        ["a'b@vm"],
        ["\x1b[31m@vm"],
        [f"{TOKEN}@vm -p"],
    ],
)
def test_what_is_no_link_is_refused(words: list[str]) -> None:
    with pytest.raises(UsageError) as caught:
        read_link(words)
    assert caught.value.code == "link"
    assert caught.value.message.isprintable()
