"""Words in backticks in docstrings that are not names of pairterm, each with the reason why it may stand there."""

from __future__ import annotations

FOREIGN = {
    "DynamicUser": "a setting of systemd's units",
    "ExecStart": "a setting of systemd's units",
    "HOST": "a placeholder in the form of an address",
    "XDG_RUNTIME_DIR": "a variable of the environment that pairterm does not use, and the docstring says why",
    "pairterm/data": "a directory of an installed package; a source tree does not have it",
    "owner/name": "the form of a user name for guests with keys",
    "rate": "the middle figure of sshd's MaxStartups",
    "sun_path": "a field of the kernel's struct sockaddr_un",
    "tcpi_rtt": "a field of the kernel's struct tcp_info",
}
