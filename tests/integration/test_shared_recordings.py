"""`share-recording`: a link to a recording on the gateway's page, and what nobody else can make of it."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import asyncssh
import pytest

from pairterm import __version__
from pairterm.access.penalties import GUESSES_AT_ONCE
from pairterm.cli.recording_upload import list_recordings, revoke_recording, share_recording
from pairterm.errors import UsageError
from pairterm.host.local_gateways import GatewayAddress
from pairterm.link.codec import decode_keeper_message
from pairterm.link.messages import PROTOCOL, Hello, Refused, Register
from pairterm.link.shared_recordings import (
    MAX_PART_BYTES,
    ListRecordings,
    RecordingPart,
    RecordingShared,
    RecordingTaken,
    RecordingWire,
    RevokeRecording,
    SharedRecordings,
    ShareRecording,
)
from pairterm.runtime.link_over_ssh import HOST_USER, LINK_SUBSYSTEM
from tests.e2e.terminal import eventually
from tests.e2e.test_operator import status
from tests.e2e.world import World, open_world
from tests.integration.link_ends import LinkEnd

HEADER = '{"version": 3, "term": {"cols": 80, "rows": 24}, "title": "pair", "pairterm": {"key": "a2V5"}}\n'
CAST = (
    HEADER
    + '[0, "p", "[\\"joined\\",\\"ada\\",\\"owner\\"]"]\n[0.5, "o", "hello"]\n'
    + '[0.5, "p", "[\\"typed-text\\",\\"ada\\",\\"hunter2\\"]"]\n[0, "i", "hunter2"]\n[0, "h", "last 00 00"]\n'
)
TOKEN = "rec-" + "a" * 32


@dataclass
class Library:
    """A gateway that keeps recordings, for its machine's user and for the holder of one key."""

    world: World
    url: str
    port: int
    key: asyncssh.SSHKey
    shelf: Path

    @property
    def files(self) -> list[str]:
        return sorted(each.name for each in self.shelf.iterdir())

    def share(self, text: str = CAST, *options: str, name: str = "pair.cast") -> dict[str, Any]:
        (self.world.home / name).write_text(text)
        found: dict[str, Any] = json.loads(self.world.run("share-recording", "--json", *options, name).stdout)
        return found

    def keep(self, token: str = TOKEN, text: str = CAST) -> RecordingShared:
        """Share by the machine's user, as the command does, but without starting it."""
        token_hash = hashlib.sha256(token.encode()).digest()
        return share_recording(self._address, text.encode(), token_hash=token_hash, name="pair.cast", keep_s=3600)

    def kept(self) -> list[RecordingWire]:
        return list_recordings(self._address).recordings

    def revoke(self, recording_id: str) -> None:
        revoke_recording(self._address, recording_id)

    @property
    def _address(self) -> GatewayAddress:
        return GatewayAddress(socket=str(self.world.root / "gateway.sock"))

    async def get(self, token: str = "", **headers: str) -> tuple[int, bytes, dict[str, str]]:
        shown = {"Authorization": f"Bearer {token}"} if token else {}
        async with (
            aiohttp.ClientSession() as client,
            client.get(f"{self.url}recording", headers=shown | headers) as answer,
        ):
            return answer.status, await answer.read(), dict(answer.headers)


@pytest.fixture(scope="module")
def library() -> Iterator[Library]:
    with open_world() as world:
        key = asyncssh.generate_private_key("ssh-ed25519")
        (world.root / "authorized_hosts").write_bytes(key.export_public_key())
        config = world.root / "gateway.toml"
        shelf = world.root / "shared"
        config.write_text(
            f'[hosts]\nauthorized_hosts = "{world.root}/authorized_hosts"\n[web]\nlisten = ["127.0.0.1:0"]\n'
            f'recordings_dir = "{shelf}"\nrecordings_bytes_per_user = {1 << 20}\nrecordings_max_days = 10\n'
        )
        _, ready = world.serve("--config", str(config), "--listen", "127.0.0.1:0", "--advertise", "127.0.0.1")
        yield Library(world, ready["web"], int(ready["listen"][0].rpartition(":")[2]), key, shelf)


@pytest.fixture(autouse=True)
def empty(library: Library) -> Iterator[None]:
    yield
    for each in library.kept() if library.files else ():
        library.revoke(each.id)
    assert library.files == []


@contextlib.asynccontextmanager
async def sharer(library: Library, **options: Any) -> Any:
    settings = {"username": HOST_USER, "client_keys": [library.key], "agent_path": None, "known_hosts": None}
    async with asyncssh.connect("127.0.0.1", library.port, config=None, **(settings | options)) as connection:
        process = await connection.create_process(subsystem=LINK_SUBSYSTEM, encoding=None)
        end = LinkEnd(process, decode_keeper_message)
        end.say(Hello(PROTOCOL, __version__, "sharer"))
        assert isinstance(await end.hear(), Hello)
        yield end


def request(data: bytes, *, token: str = TOKEN, size_bytes: int | None = None, keep_s: int = 3600) -> ShareRecording:
    token_hash = hashlib.sha256(token.encode()).digest()
    return ShareRecording(token_hash, "pair.cast", len(data) if size_bytes is None else size_bytes, keep_s)


async def test_a_link_plays_a_recording_until_it_is_revoked(library: Library) -> None:
    shared = await asyncio.to_thread(library.share)
    parts = urlsplit(shared["url"])
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{library.url}play"
    async with aiohttp.ClientSession() as client, client.get(f"{library.url}play") as page:
        assert page.status in (200, 503)  # 503: the page is not built
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    status, body, headers = await library.get(parts.fragment)
    assert (status, headers["Cache-Control"], headers["X-Content-Type-Options"]) == (200, "no-store", "nosniff")
    assert b'"hello"' in body
    assert b"hunter2" not in body, "what was typed is shared only on request"
    assert b'"h"' not in body
    assert {stat.S_IMODE(each.stat().st_mode) for each in library.shelf.iterdir()} == {0o600}
    assert not any(parts.fragment in name for name in library.files), "only the token's hash is on the disk"
    assert all(parts.fragment.encode() not in each.read_bytes() for each in library.shelf.iterdir())
    told = await asyncio.to_thread(library.world.run, "share-recording", "--list", "--json")
    assert [(each["id"], each["name"], each["expires"]) for each in json.loads(told.stdout)] == [
        (shared["id"], "pair.cast", shared["expires"])
    ]
    done = await asyncio.to_thread(library.world.run, "share-recording", "--revoke", shared["id"])
    assert done.stdout == ""
    assert (await library.get(parts.fragment))[0] == 404
    assert library.files == []


async def test_what_was_typed_is_shared_on_request(library: Library) -> None:
    shared = await asyncio.to_thread(library.share, CAST, "--with-input")
    assert b"hunter2" in (await library.get(urlsplit(shared["url"]).fragment))[1]


async def test_a_recording_is_compressed_for_a_browser_and_whole(library: Library) -> None:
    text = CAST + "".join(f'[0.1, "o", "line {number}\\r\\n"]\n' for number in range(9000))
    await asyncio.to_thread(library.keep, TOKEN, text)
    _, packed, headers = await library.get(TOKEN)
    assert headers["Content-Encoding"] == "gzip"
    _, plain, headers = await library.get(TOKEN, **{"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in headers
    assert packed == plain  # aiohttp has unpacked it
    assert plain.decode() == text


async def test_a_foreign_token_opens_nothing_and_no_path_leads_to_a_file(library: Library) -> None:
    await asyncio.to_thread(library.keep)
    foreign = ["rec-" + "b" * 32, "rw-" + "a" * 32, "../../etc/passwd", "rec-" + "A" * 32, ""]
    for given in ["", *(f"Bearer {each}" for each in foreign), "Basic rec-" + "b" * 32]:
        status, body, _ = await library.get(**({"Authorization": given} if given else {}))
        assert status in (401, 404), given
        assert b"hello" not in body
    name = next(each for each in library.files if each.endswith(".cast"))
    for path in (
        "recording/x",
        "recordings",
        f"recording/{name}",
        f"assets/{name}",
        "assets/..%2f..%2fshared",
        "play/",
    ):
        async with aiohttp.ClientSession() as client, client.get(f"{library.url}{path}") as answer:
            assert answer.status == 404, path


async def test_wrong_tokens_count_as_wrong_links_and_a_right_one_opens(library: Library) -> None:
    """They cost nothing: a source could guess without end, and its operator read nothing of it."""
    await asyncio.to_thread(library.keep)
    before = (await asyncio.to_thread(status, library.world))["wrong_links"]
    here = aiohttp.TCPConnector(local_addr=("127.0.0.2", 0))  # The other tests keep their tries.
    async with aiohttp.ClientSession(connector=here) as client:

        async def answer_to(authorization: str) -> int:
            async with client.get(f"{library.url}recording", headers={"Authorization": authorization}) as answer:
                return answer.status

        wrong = [f"Bearer rec-{'b' * 32}", f"Bearer rw-{'a' * 32}", "Basic none"] * GUESSES_AT_ONCE
        answers = await asyncio.gather(*map(answer_to, wrong))
        assert answers.count(404) >= GUESSES_AT_ONCE
        assert set(answers) == {404, 429}
        assert await answer_to(f"Bearer {TOKEN}") == 200
    assert (await asyncio.to_thread(status, library.world))["wrong_links"] == before + len(wrong)
    told = await asyncio.to_thread(library.world.run, "gateway", "audit", "--json")
    refusals = [json.loads(line) for line in told.stdout.splitlines() if '"recording"' in line]
    assert ("refused", "recording", "127.0.0.2") in {
        (each["event"], each.get("why"), each.get("address")) for each in refusals
    }


async def test_expiry_has_a_limit_and_quotas_hold(library: Library) -> None:
    world = library.world
    (world.home / "pair.cast").write_text(CAST)
    done = await asyncio.to_thread(world.run, "share-recording", "--expires", "11d", "pair.cast", status=2)
    assert "10d at most" in done.stderr
    (world.home / "large.cast").write_text(HEADER + '[0.1, "o", "' + "x" * (1 << 20) + '"]\n')
    done = await asyncio.to_thread(world.run, "share-recording", "large.cast", status=2)
    assert "MiB left of 1.0 MiB" in done.stderr
    done = await asyncio.to_thread(world.run, "share-recording", "--revoke", "0" * 12, status=2)
    assert "no recording" in done.stderr
    assert library.files == []


async def test_over_ssh_a_recording_belongs_to_the_key_that_shared_it(library: Library) -> None:
    local = await asyncio.to_thread(library.keep, "rec-" + "d" * 32)
    data = CAST.encode()
    async with sharer(library) as end:
        end.say(ListRecordings())
        assert (await end.hear_until(SharedRecordings)).recordings == []
        end.say(request(data))
        await end.hear_until(RecordingTaken)
        end.say(RecordingPart(data))
        shared = await end.hear_until(RecordingShared)
        assert (await library.get(TOKEN))[:2] == (200, data)
    assert [each.id for each in await asyncio.to_thread(library.kept)] == [local.id]
    with pytest.raises(UsageError, match="no recording"):
        await asyncio.to_thread(library.revoke, shared.id)
    with pytest.raises(asyncssh.PermissionDenied):
        async with sharer(library, client_keys=[asyncssh.generate_private_key("ssh-ed25519")]):
            pass
    async with sharer(library) as end:
        end.say(RevokeRecording(shared.id))
        assert (await end.hear_until(SharedRecordings)).recordings == []


async def test_the_command_shares_through_a_gateway_on_another_machine(library: Library) -> None:
    """Over SSH, in several parts."""
    world = library.world
    identity = world.home / "key"
    identity.write_bytes(library.key.export_private_key())
    identity.chmod(0o600)
    text = HEADER + "".join(f'[0.001, "o", "{number:0100}"]\n' for number in range(3000))
    (world.home / "long.cast").write_text(text)
    elsewhere = ("--gateway", f"127.0.0.1:{library.port}", "--accept-new", "-i", str(identity))
    done = await asyncio.to_thread(world.run, "share-recording", *elsewhere, "long.cast")
    token = urlsplit(done.stdout.strip()).fragment
    body = (await library.get(token))[1].decode()
    assert (len(body) > 2 * MAX_PART_BYTES, body.count("\n")) == (True, text.count("\n"))
    assert (await asyncio.to_thread(status, world))["recordings"] == 1
    listed = await asyncio.to_thread(world.run, "share-recording", *elsewhere, "--list")
    recording_id, name = listed.stdout.split()[:2]
    assert name == "long.cast"
    await asyncio.to_thread(world.run, "share-recording", *elsewhere, "--revoke", recording_id)
    assert (await library.get(token))[0] == 404


async def test_an_expired_recording_opens_nothing(library: Library) -> None:
    """`test_what_expires_is_deleted` shows that its files go too: the gateway looks once a minute."""
    data, brief = CAST.encode(), "rec-" + "c" * 32
    async with sharer(library) as end:
        end.say(request(data, token=brief, keep_s=1))
        await end.hear_until(RecordingTaken)
        end.say(RecordingPart(data))
        shared = await end.hear_until(RecordingShared)
        await asyncio.to_thread(eventually, lambda: asyncio.run(library.get(brief))[0] == 404, lambda: "still there")
    for each in library.shelf.glob(f"{shared.id}*"):
        each.unlink()


async def test_half_an_upload_leaves_nothing(library: Library) -> None:
    data = CAST.encode()
    async with sharer(library) as end:
        end.say(request(data))
        await end.hear_until(RecordingTaken)
        end.say(RecordingPart(data[:-9]))
        await end.hear_until(RecordingTaken)
        assert any(name.endswith(".part") for name in library.files)
        assert (await library.get(TOKEN))[0] == 404
    await asyncio.to_thread(eventually, lambda: library.files == [], lambda: str(library.files))


@pytest.mark.parametrize(
    ("says", "answers"),
    [
        ([RecordingPart(b"x")], False),
        ([Register("stolen", b"r" * 32, b"w" * 32)], False),
        ([Hello(PROTOCOL, __version__, "sharer")], False),
        ([request(b"abc"), ListRecordings()], False),
        ([request(b"abc"), RecordingPart(b"abcd")], True),
        ([request(b"abc"), RecordingPart(b"abc")], True),
        ([request(b"", size_bytes=0)], True),
        ([request(b"", size_bytes=2**40)], True),
    ],
)
async def test_a_hostile_sharer_ends_their_own_link_and_leaves_nothing(
    library: Library, says: list[Any], answers: bool
) -> None:
    async with sharer(library) as end:
        end.say(*says)
        heard = []
        while (message := await end.hear()) is not None:
            heard.append(message)
        assert isinstance(heard[-1] if heard else None, Refused) == answers
        assert not any(isinstance(each, RecordingShared) for each in heard)
    await asyncio.to_thread(eventually, lambda: library.files == [], lambda: str(library.files))


async def test_a_gateway_without_a_place_says_so() -> None:
    def refused() -> str:
        with open_world() as world:
            (world.home / "pair.cast").write_text(CAST)
            own = world.run("share-recording", "pair.cast", status=2).stderr
            assert "your own gateway keeps no recordings" in own
            config = world.root / "gateway.toml"
            config.write_text(f'[web]\nrecordings_dir = "{world.root}/shared"\n')
            pageless = world.run("serve", "--check-config", "--config", str(config), status=2).stderr
            assert "recordings_dir needs a page" in pageless
            config.write_text('[web]\nlisten = ["127.0.0.1:0"]\n')
            _, ready = world.serve("--config", str(config))
            text = world.run("share-recording", "pair.cast", status=2).stderr

            async def statuses() -> set[int]:
                found = set()
                async with aiohttp.ClientSession() as client:
                    for path in ("play", "recording"):
                        async with client.get(f"{ready['web']}{path}") as answer:
                            found.add(answer.status)
                return found

            assert asyncio.run(statuses()) == {404}
            return text

    assert "recordings_dir" in await asyncio.to_thread(refused)
