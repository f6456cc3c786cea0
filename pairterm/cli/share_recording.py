"""`share-recording`: a read-only link to a recording on a gateway's page, which expires."""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import click

from pairterm.cli.gateway_choice import (
    GatewayChoice,
    accept_new_option,
    choose_gateway,
    confirmed_host_key,
    host_key_option,
)
from pairterm.cli.recording_files import found_file, read_recording
from pairterm.cli.shared_options import json_option
from pairterm.config import user_config
from pairterm.errors import UsageError
from pairterm.safe_text import safe_line
from pairterm.session.durations import duration_text, parse_duration

if TYPE_CHECKING:
    from pairterm.host.local_gateways import GatewayAddress
    from pairterm.link.shared_recordings import SharedRecordings

__all__ = ["share_recording"]

_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
"""As of the tokens of sessions."""

_TOKEN_CHARS = 32
"""160 bits."""

_Answer = TypeVar("_Answer")


@click.command("share-recording")
@json_option
@click.option("--expires", default="7d", show_default=True, metavar="TIME", help="How long the link works.")
@click.option("--with-input", is_flag=True, help="Share what was typed as well, if it was recorded.")
@click.option("--list", "lists", is_flag=True, help="List your recordings on the gateway.")
@click.option("--revoke", metavar="ID", help="Delete one of them: its link works no more.")
@click.option("--gateway", metavar="WHERE", help="The gateway: HOST[:PORT], or the path of its link socket.")
@host_key_option
@accept_new_option
@click.option("-i", "--identity", metavar="FILE", help="The private key for the login at the gateway.")
@click.argument("file", required=False)
def share_recording(
    file: str | None,
    as_json: bool,
    expires: str,
    with_input: bool,
    lists: bool,
    revoke: str | None,
    gateway: str | None,
    host_key: str | None,
    accept_new: bool,
    identity: str | None,
) -> None:
    """Make a read-only link to a recording: the page of your gateway plays it.

    The recording is copied to the gateway, which deletes it when the link expires. Everybody who has the link can see
    and copy the recording: the screen, the names, the times of typing, and the chat.
    """
    if sum((file is not None, lists, revoke is not None)) != 1:
        raise UsageError("share-recording needs a FILE, or --list, or --revoke ID", code="usage")
    from pairterm.cli import recording_upload

    choice = GatewayChoice(
        gateway=gateway or "", host_key=host_key or "", is_new_accepted=accept_new, identity=identity or ""
    )
    if file is not None:
        _share(file, choice, keep_s=round(parse_duration(expires)), with_input=with_input, as_json=as_json)
    elif revoke is not None:
        wanted = _checked_id(revoke)
        _print_list(_at_gateway(choice, lambda each: recording_upload.revoke_recording(each, wanted)), as_json)
    else:
        _print_list(_at_gateway(choice, recording_upload.list_recordings), as_json)


def _share(file: str, choice: GatewayChoice, *, keep_s: int, with_input: bool, as_json: bool) -> None:
    from pairterm.cli.recording_upload import share_recording as upload
    from pairterm.record.excerpt import without_input
    from pairterm.record.export import as_cast

    path = found_file(file)
    header, events = read_recording(path)
    data = as_cast(header, events if with_input else without_input(events), 3).encode("utf-8", "replace")
    token = "rec-" + "".join(secrets.choice(_ALPHABET) for _ in range(_TOKEN_CHARS))
    token_hash = hashlib.sha256(token.encode()).digest()
    name = safe_line(path.name)[:200]
    shared = _at_gateway(choice, lambda each: upload(each, data, token_hash=token_hash, name=name, keep_s=keep_s))
    url = f"{shared.page}play#{token}"
    if as_json:
        click.echo(json.dumps({"id": shared.id, "url": url, "expires": shared.expires_s}))
        return
    click.echo(url)
    click.echo(
        f"It works for {duration_text(keep_s)}; 'pairterm share-recording --revoke {shared.id}' ends it now.", err=True
    )


def _at_gateway(choice: GatewayChoice, act: Callable[[GatewayAddress], _Answer]) -> _Answer:
    """Return what `act` returns for the chosen gateway. The user may have to confirm its host key."""
    from pairterm.host.local_gateways import GatewayAddress

    address = GatewayAddress(**choose_gateway(choice, user_config()))  # type: ignore[arg-type]  # its own fields
    if address.is_own:
        raise UsageError(
            "your own gateway keeps no recordings: name a gateway that does (--gateway), or make a page that you can "
            "send: pairterm export --format html",
            code="no_recordings",
        )
    try:
        return act(address)
    except UsageError as error:
        from dataclasses import replace

        return act(replace(address, host_key=confirmed_host_key(error)))


def _checked_id(text: str) -> str:
    if len(text) != 12 or not all(each in "0123456789abcdef" for each in text):
        raise UsageError(f"no recording has the id {text[:30]!r}: 'share-recording --list' shows yours", code="id")
    return text


def _print_list(found: SharedRecordings, as_json: bool) -> None:
    rows = [
        {"id": each.id, "name": each.name, "bytes": each.size_bytes, "expires": each.expires_s}
        for each in found.recordings
    ]
    if as_json:
        click.echo(json.dumps(rows))
        return
    for each in found.recordings:
        left = duration_text(max(0.0, each.expires_s - time.time()))
        click.echo(f"{each.id}  {each.name}  {each.size_bytes >> 10} KiB  expires in {left}")
