"""Gateways log in at NATS servers that need TLS and an nkey, with the permissions of docs/cluster.md and no others."""

from __future__ import annotations

import dataclasses
import secrets
from pathlib import Path

import nkeys
import pytest

from pairterm.access.name_claims import Claim
from pairterm.cluster_config import ClusterConfig
from pairterm.errors import SystemFault, UsageError
from pairterm.gateway.bus.bus import Topic
from pairterm.gateway.bus.nats_connection import NatsConnection, client_options
from tests.certificates import Authority
from tests.integration.nats_server import open_nats_server
from tests.integration.service_gateways import StreamEnd, entry_of, open_service, until

_BUCKETS = ("leases", "sessions", "names", "settings")
_MAY_PUBLISH = ["pairterm.test.>", *(f"$KV.pairterm-test-{each}.>" for each in _BUCKETS), "$JS.API.>", "$JS.FC.>"]
_MAY_SUBSCRIBE = ["pairterm.test.>", "_INBOX.>"]


def _quoted(subjects: list[str]) -> str:
    return ", ".join(f'"{each}"' for each in subjects)


async def test_gateways_log_in_with_an_nkey_over_tls_and_need_no_other_permissions(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    certificate, key = authority.sign()
    pair = nkeys.from_seed(nkeys.encode_seed(secrets.token_bytes(32), nkeys.PREFIX_BYTE_USER))
    seed = tmp_path / "gateway.nk"
    seed.write_bytes(bytes(pair.seed))
    settings = tmp_path / "nats.conf"
    settings.write_text(
        f"""
        tls {{ cert_file: "{certificate}", key_file: "{key}" }}
        authorization {{ users = [ {{ nkey: {pair.public_key.decode()}, permissions: {{
          publish: [{_quoted(_MAY_PUBLISH)}], subscribe: [{_quoted(_MAY_SUBSCRIBE)}] }} }} ] }}
        """
    )
    with open_nats_server(tmp_path, "-c", str(settings)) as server:
        url = f"tls://127.0.0.1:{server.port}"
        async with open_service(url, tmp_path / "secret") as service:
            right = dataclasses.replace(service.config, tls_ca=str(authority.path), nkey_file=str(seed))
            service.config = right
            a, b = await service.gateway(), await service.gateway()
            a.announce(entry_of(a.name, 1))
            await a.claim_name("demo", Claim("ana", b"1", 0), is_connected=True)
            await a.push_config(b"settings")
            heard: list[bytes] = []
            b.subscribe(Topic.LIMITS, lambda _, payload: heard.append(payload))
            a.broadcast(Topic.LIMITS, b"news")
            ends: list[StreamEnd] = []

            def new_end(peer: str) -> StreamEnd:
                ends.append(StreamEnd(peer))
                return ends[0]

            b.accept(new_end)
            here = StreamEnd()
            await a.connect(b.name, here)
            here.transport.write(b"data")
            await until(lambda: heard == [b"news"] and ends and ends[0].received == b"data" and len(b.directory) == 1)
            a.withdraw(entry_of(a.name, 1).session_id)
            await until(lambda: not len(b.directory))
        for wrong in (
            dataclasses.replace(right, nkey_file=""),
            dataclasses.replace(right, tls_ca=""),
        ):
            connection = NatsConnection(lambda: None)
            with pytest.raises(SystemFault, match="no NATS server lets this gateway in"):
                await connection.open(client_options(wrong, "a" * 16))


def test_files_that_can_not_be_read_are_named(tmp_path: Path) -> None:
    for config in (
        ClusterConfig(nats=["nats://x"], credentials=str(tmp_path / "none")),
        ClusterConfig(nats=["nats://x"], nkey_file=str(tmp_path / "none")),
        ClusterConfig(nats=["nats://x"], tls_ca=str(tmp_path / "none")),
    ):
        with pytest.raises(UsageError, match=r"none|TLS files"):
            client_options(config, "a" * 16)
