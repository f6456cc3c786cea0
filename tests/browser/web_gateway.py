"""A gateway with a page, in a test's world, and web servers in front of it, with the files that docs/web.md prints."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.slow import SlowLine
from tests.e2e.terminal import eventually
from tests.e2e.world import Links, World, open_world

__all__ = [
    "ROOT",
    "Place",
    "WebLinks",
    "caddy",
    "free_port",
    "needs_page",
    "nginx",
    "open_place",
    "printed",
    "serve_web",
    "share",
]

_FAST_BYTES_PER_S = 1e9
_SLOW_BYTES_PER_S = 200_000 / 8

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class WebLinks:
    """The links of a session."""

    ssh: Links
    rw: str
    ro: str


@dataclass(slots=True)
class Place:
    """A gateway with a page. The page is also behind a line that a test can cut, and behind a slow one."""

    world: World
    port: int
    line: SlowLine
    slow: SlowLine

    @property
    def page(self) -> str:
        """The address of the page."""
        return f"http://127.0.0.1:{self.port}/"

    def share(self, name: str, *command: str, options: Sequence[str] = ()) -> WebLinks:
        """Start a session; its program says hello and repeats what is typed if no other is named."""
        return share(self.world, self.page, name, *(command or ("sh", "-c", "echo hello; exec cat")), options=options)


@contextlib.contextmanager
def open_place() -> Iterator[Place]:
    """Start a gateway with a page in a world of its own."""
    needs_page()
    port = free_port()
    behind = ("127.0.0.1", port)
    with (
        open_world() as world,
        SlowLine(behind, bytes_per_s=_FAST_BYTES_PER_S) as line,
        SlowLine(behind, bytes_per_s=_SLOW_BYTES_PER_S) as slow,
    ):
        origins = [f"http://127.0.0.1:{each.port}" for each in (line, slow)]
        shelf = str(world.root / "shared")
        serve_web(world, web={"listen": [f"127.0.0.1:{port}"], "allowed_origins": origins, "recordings_dir": shelf})
        yield Place(world, port, line, slow)


def needs_page() -> None:
    """Skip the test if the page is not built. CI has to have it."""
    if not (ROOT / "pairterm" / "web_page" / "index.html").exists():
        why = "the page is not built: run scripts/build-web"
        if os.environ.get("CI"):
            pytest.fail(why)
        pytest.skip(why)


def needs_program(name: str) -> None:
    """Skip the test if a program is not installed. CI has to have it."""
    if shutil.which(name) is None:
        if os.environ.get("CI"):
            pytest.fail(f"not installed: {name}")
        pytest.skip(f"not installed: {name}")


def free_port() -> int:
    """Return a port of loopback that is free now."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def serve_web(
    world: World, *, listen: str = "127.0.0.1:0", web: Mapping[str, object] | None = None
) -> subprocess.Popen[bytes]:
    """Start a gateway with `[web]` settings; browsers connect to a free port of loopback if none is set."""
    needs_page()
    settings = {"listen": ["127.0.0.1:0"], **(web or {})}
    config = world.root / "gateway.toml"
    lines = ["[web]", *(f"{key} = {json.dumps(value)}" for key, value in settings.items())]
    config.write_text("\n".join(lines) + "\n")
    process, _ = world.serve("--config", str(config), "--listen", listen, "--advertise", "127.0.0.1")
    return process


def share(world: World, page: str, name: str, *command: str, options: Sequence[str] = ()) -> WebLinks:
    """Start a session in the background and return its links; `page` is the address of the page."""
    ssh = world.new(name, *command, options=options)
    return WebLinks(ssh, f"{page}#{ssh.rw.user}", f"{page}#{ssh.ro.user}")


def printed(language: str) -> str:
    """Return the first code block of docs/web.md in this language."""
    found = re.search(rf"^```{language}\n(.*?)^```$", (ROOT / "docs" / "web.md").read_text(), re.MULTILINE | re.DOTALL)
    assert found is not None, language
    return found[1]


def _put_in(text: str, changes: Mapping[str, str]) -> str:
    """Replace what a page can't know of a test; all of it has to be there."""
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new)
    return text


@contextlib.contextmanager
def nginx(
    directory: Path, port: int, to_port: int, certificate: tuple[Path, Path], location: str = "/"
) -> Iterator[None]:
    """Run nginx on a port of loopback with the printed site."""
    needs_program("nginx")
    site = _put_in(
        printed("nginx"),
        {
            "listen 443 ssl;": f"listen 127.0.0.1:{port} ssl;",
            "    listen [::]:443 ssl;\n": "",
            "pair.example.org;": "localhost;",
            "/etc/letsencrypt/live/pair.example.org/fullchain.pem": str(certificate[0]),
            "/etc/letsencrypt/live/pair.example.org/privkey.pem": str(certificate[1]),
            "127.0.0.1:8022": f"127.0.0.1:{to_port}",
            "location / {": f"location {location} {{",
        },
    )
    paths = "".join(
        f"{each}_temp_path {directory}/{each};\n" for each in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (directory / "nginx.conf").write_text(
        f"daemon off; pid {directory}/nginx.pid; error_log {directory}/nginx.log; worker_processes 1;\n"
        f"events {{}}\nhttp {{ access_log {directory}/access.log; {paths} {site} }}\n"
    )
    with _running(
        ["nginx", "-p", str(directory), "-c", str(directory / "nginx.conf"), "-e", "stderr"], port, directory
    ):
        yield


@contextlib.contextmanager
def caddy(
    directory: Path, port: int, to_port: int, certificate: tuple[Path, Path], location: str = "/"
) -> Iterator[None]:
    """Run Caddy on a port of loopback with the printed file; the certificate is a test's."""
    needs_program("caddy")
    begin = f"https://localhost:{port} {{\n\tbind 127.0.0.1\n\ttls {certificate[0]} {certificate[1]}"
    site = _put_in(
        printed("caddyfile"),
        {
            "pair.example.org {": begin,
            "reverse_proxy": "reverse_proxy" if location == "/" else f"reverse_proxy {location}*",
            "127.0.0.1:8022": f"127.0.0.1:{to_port}",
        },
    )
    (directory / "Caddyfile").write_text("{\n\tadmin off\n\tauto_https disable_redirects\n}\n" + site)
    with _running(
        ["caddy", "run", "--config", str(directory / "Caddyfile"), "--adapter", "caddyfile"], port, directory
    ):
        yield


@contextlib.contextmanager
def _running(argv: Sequence[str], port: int, directory: Path) -> Iterator[None]:
    log = directory / f"{argv[0]}.out"
    with log.open("wb") as out:
        process = subprocess.Popen(
            argv, stdout=out, stderr=out, stdin=subprocess.DEVNULL, env={**os.environ, "HOME": str(directory)}
        )
    try:
        eventually(lambda: _answers(port), lambda: f"{argv[0]} never listened:\n{log.read_text()}")
        yield
    finally:
        process.terminate()
        process.wait(20)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
