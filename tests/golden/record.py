"""Makes the recordings: runs a real program on a pty, types at it, keeps every byte it prints.

Run by hand (`python -m tests.golden.record [name ...]`), never in a test: what stands in
`recordings/` is data. Each program gets an empty home, a fixed environment and files made
here, so that a recording says nothing about the machine it was made on.
"""

from __future__ import annotations

import fcntl
import os
import pty
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

RECORDINGS = Path(__file__).parent / "recordings"
_QUIET_S = 0.35
_LONGEST_WAIT_S = 4.0
_ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/games",
    "TERM": "xterm-256color",
    "COLORTERM": "truecolor",
    "LANG": "C.UTF-8",
    "USER": "ada",
    "LOGNAME": "ada",
    "PS1": "$ ",
    "SHELL": "/bin/sh",
    "GIT_CONFIG_NOSYSTEM": "1",
}


@dataclass(frozen=True)
class Act:
    """A program, what is typed (one item after each quiet moment) and in which sizes (columns, rows)."""

    command: Sequence[str]
    keys: Sequence[str]
    sizes: Sequence[tuple[int, int]] = ((80, 24), (200, 50))


_DOWN, _UP, _RIGHT = "\x1b[B", "\x1b[A", "\x1b[C"

_CROWD = "for n in $(seq 70); do sleep 6$n & done; (while :; do :; done) & exec htop -d 5"
"""htop with something to look at: it runs in a process namespace of its own and shows nobody else's processes."""

ACTS = {
    "vim": Act(
        ["vim", "-u", "vimrc", "sample.py"],
        [
            *("\x06",) * 4,
            *("\x02",) * 2,
            "/def\r",
            *("n",) * 5,
            "ohello 漢字 wörld\x1b",
            "yy5p",
            "dd",
            "u",
            ":vsplit\r",
            "\x17w",
            *("j",) * 12,
            "\x04",
            "\x15",
            ":set nu hlsearch\r",
            "V10j",
            ">",
            ":%s/self/SELF/g\r",
            "G",
            "gg",
            ":only\r",
            ":help\r",
            ":q\r",
            ":q!\r",
        ],
    ),
    "nano": Act(
        ["nano", "sample.py"],
        ["hello ", *(_DOWN,) * 8, "\x0b\x0b\x15\x15", "\x16\x16", "\x17self\r", "\x07", "\x18", "\x18", "n"],
    ),
    "less": Act(
        ["less", "-R", "sample.txt"],
        [" ", " ", "b", "/fox\r", "n", "n", *("j",) * 15, *("k",) * 15, "G", "g", "d", "u", "h", "q", "q"],
    ),
    "htop": Act(
        ["unshare", "--pid", "--fork", "--mount-proc", "sh", "-c", _CROWD],
        [
            "",
            "t",
            *(_DOWN,) * 12,
            "",
            *(_UP,) * 6,
            "\x1bOP",
            " ",
            "\x1bOQ",
            _DOWN,
            "\x1b",
            "",
            "H",
            *("",) * 6,
            "P",
            "M",
            "q",
        ],
    ),
    "mc": Act(
        ["mc", "-u", "--nosubshell"],
        [
            _DOWN,
            _DOWN,
            "\t",
            _DOWN,
            "\x1bOR",
            " ",
            "\x1b[21~",
            "\x1b[20~",
            _RIGHT,
            _RIGHT,
            "\r",
            "\x1b\x1b",
            "\x1b[21~",
            "\r",
        ],
    ),
    "tmux": Act(
        ["tmux", "-f", "tmux.conf", "-S", "socket", "new-session", "-x", "80", "-y", "24", "/bin/sh"],
        [
            "ls --color=always\r",
            '\x02"',
            "seq 1 60\r",
            "\x02%",
            "cat sample.txt | head -30\r",
            "\x02o",
            "\x02[",
            "\x02z",
            "q",
            "\x02c",
            "printf '\\033[31mred\\033[m 漢字\\n'\r",
            "\x02p",
            "\x02d",
        ],
    ),
    "python": Act(
        ["python3", "-q", "-i", "-c", "import sys; sys.ps1 = '>>> '"],
        [
            "import math\r",
            "math.p\t\t",
            "i\r",
            "for n in range(30):\r    print(n, 'é漢字👩\u200d💻'[:n])\r\r",
            "\x1b[A\x1b[A\r",
            "1/0\r",
            "\x04",
        ],
        ((80, 24),),
    ),
    "git-log": Act(
        ["git", "-C", "repo", "log", "--graph", "--stat", "--color=always"], [" ", " ", "j", "k", "b", "G", "g", "q"]
    ),
    "names": Act(["sh", "-c", "ls -la --color=always names; ls -C --color=always names"], [], ((80, 24),)),
    "dialog": Act(
        [
            "dialog",
            "--menu",
            "Choose a thing",
            "15",
            "50",
            "6",
            *(f for n in range(9) for f in (str(n), f"thing number {n}")),
        ],
        [_DOWN, _DOWN, _UP, "\t", "\t", "\r"],
        ((80, 24),),
    ),
    "shell": Act(
        ["bash", "--norc", "--noprofile", "-i"],
        [
            "ls -l --color=always\r",
            "for i in 1 2 3; do echo $i; done\r",
            "ehco oops",
            "\x01\x0b",
            "cat sample.txt | tail -40\r",
            "\x12cat\r",
            "clear\r",
            "exit\r",
        ],
        ((80, 24),),
    ),
}


def _make_files(home: Path) -> None:
    """Fill the home directory with what the programs are shown."""
    sources = sorted((Path(__file__).parents[2] / "pairterm" / "terminal").glob("*.py"))
    (home / "sample.py").write_text("".join(source.read_text() for source in sources[:4]))
    line = "The quick brown fox jumps over it; 漢字かな交じり文, \x1b[1;34mblue\x1b[m and \x1b[4munderlined\x1b[m. "
    (home / "sample.txt").write_text("".join(f"{n:4} {line * (1 + n % 3)}\n" for n in range(300)))
    (home / "vimrc").write_text("syntax on\nset ruler showcmd laststatus=2 bg=dark nomodeline hlsearch title\n")
    (home / "tmux.conf").write_text(
        "set -g status-right ''\nset -g default-terminal screen-256color\nset -g set-titles on\n"
    )
    names = home / "names"
    names.mkdir()
    for name in (
        "日本語.txt",
        "한국어",
        "emoji 👩\u200d💻 👍🏽 🇩🇪.md",
        "ä ö ü",
        "e\u0301té",
        "❤\ufe0f",
        "العربية",
        "हिन्दी",
        "plain.py",
        "x" * 60,
    ):
        (names / name).write_text("x")
    (names / "plain.py").chmod(0o755)
    repo = home / "repo"
    repo.mkdir()
    run = {"cwd": repo, "check": True, "capture_output": True, "env": {**_ENVIRONMENT, "HOME": str(home)}}
    subprocess.run(["git", "init", "-q", "-b", "main"], **run)  # type: ignore[call-overload]  # plain keywords
    for number in range(30):
        (repo / f"file{number % 7}.txt").write_text(f"{number}\n" * number)
        author = ("Ada Lovelace", "山田太郎", "José Ñandú")[number % 3]
        stamp = f"2024-01-{number + 1:02}T12:00:00Z"
        who = ["-c", f"user.name={author}", "-c", "user.email=ada@example.org"]
        subprocess.run(["git", "add", "-A"], **run)  # type: ignore[call-overload]  # plain keywords
        dated = {**run, "env": {**run["env"], "GIT_COMMITTER_DATE": stamp}}  # type: ignore[dict-item]  # a dict
        message = f"Change number {number} 🎉\n\nBecause of 理由 {number}."
        subprocess.run(["git", *who, "commit", "-q", "--date", stamp, "-m", message], **dated)  # type: ignore[call-overload]


def _read_until_quiet(master: int, sink: bytearray) -> bool:
    """Take what is printed until nothing comes for a while; False at the end of file."""
    end_s = time.monotonic() + _LONGEST_WAIT_S
    while time.monotonic() < end_s:
        if not select.select([master], [], [], _QUIET_S)[0]:
            return True
        try:
            data = os.read(master, 65536)
        except OSError:
            return False
        if not data:
            return False
        sink += data
    return True


def record(act: Act, cols: int, rows: int) -> bytes:
    """Run the act and return all that was printed."""
    home = Path(tempfile.gettempdir()) / "demo"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir()
    _make_files(home)
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))
    child = subprocess.Popen(
        act.command,
        cwd=home,
        env={**_ENVIRONMENT, "HOME": str(home)},
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )
    os.close(slave)
    sink = bytearray()
    is_open = _read_until_quiet(master, sink)
    for keys in act.keys:
        if not is_open:
            break
        os.write(master, keys.encode())
        is_open = _read_until_quiet(master, sink)
    if child.poll() is None:
        os.killpg(child.pid, signal.SIGHUP)
    os.close(master)
    child.wait(timeout=10)
    subprocess.run(["tmux", "-S", str(home / "socket"), "kill-server"], capture_output=True, check=False)
    shutil.rmtree(home, ignore_errors=True)
    return bytes(sink)


def main(names: Sequence[str]) -> None:
    """Record the named acts, or all."""
    RECORDINGS.mkdir(exist_ok=True)
    for name in names or ACTS:
        for cols, rows in ACTS[name].sizes:
            data = record(ACTS[name], cols, rows)
            (RECORDINGS / f"{name}-{cols}x{rows}.bytes").write_bytes(data)
            print(f"{name} {cols}x{rows}: {len(data)} bytes")


if __name__ == "__main__":
    main(sys.argv[1:])
