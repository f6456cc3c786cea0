"""Answers to questions that come as DCS strings: DECRQSS (settings) and XTGETTCAP (terminfo).

Source: xterm ctlseqs "Device-Control functions".
"""

from __future__ import annotations

import re

from pairterm.terminal.responder import Responder

__all__ = ["answer_dcs"]

_CAPABILITIES = {
    "TN": "xterm-256color",
    "name": "xterm-256color",
    "Co": "256",
    "colors": "256",
    "RGB": "8/8/8",
    "Tc": "",
    "Ss": "\x1b[%p1%d q",
    "Se": "\x1b[2 q",
    "Smulx": "\x1b[4:%p1%dm",
    "Setulc": "\x1b[58:2::%p1%{65536}%/%d:%p1%{256}%/%{255}%&%d:%p1%{255}%&%d%;m",
    "smxx": "\x1b[9m",
    "rmxx": "\x1b[29m",
    "Sync": "\x1b[?2026%?%p1%{1}%-%tl%eh%;",
}
"""Capabilities that a program may ask for by name: the model has them, and terminfo's xterm-256color lacks them."""

_MAX_NAMES = 16
"""Names answered in one XTGETTCAP."""

_split_dcs = re.compile(r"([<-?]?[0-9:;]*[ -/]*[@-~])(.*)", re.DOTALL).fullmatch


def answer_dcs(responder: Responder, content: str) -> None:
    """Answer what the content of a DCS string asks; sixels and the like are ignored."""
    parts = _split_dcs(content)
    if parts is None:
        return
    if parts[1] == "$q":
        _report_setting(responder, parts[2])
    elif parts[1] == "+q":
        for name in parts[2].split(";", _MAX_NAMES)[:_MAX_NAMES]:
            _report_capability(responder, name)


def _report_setting(responder: Responder, name: str) -> None:
    value = responder.setting(name)
    responder.send("\x1bP0$r\x1b\\" if value is None else f"\x1bP1$r{value}{name}\x1b\\")


def _report_capability(responder: Responder, hex_name: str) -> None:
    if len(hex_name) > 64 or not re.fullmatch("([0-9A-Fa-f]{2})+", hex_name):
        responder.send("\x1bP0+r\x1b\\")
        return
    name = bytes.fromhex(hex_name).decode("ascii", "replace")
    value = _CAPABILITIES.get(name)
    if value is None:
        responder.send(f"\x1bP0+r{hex_name.upper()}\x1b\\")
    else:
        responder.send(f"\x1bP1+r{hex_name.upper()}={value.encode().hex().upper()}\x1b\\")
