"""Decides which host has a name at a gateway when several claim it: exactly one, by generation. Pure.

Only the owner of a name may claim it: a key, or a user of the machine. An *instance*
is one host process, named by bytes that it drew at random. A *generation* tells which
of two claims of one owner is newer, also after the gateway has forgotten both: the
gateway stamps a new claim with its own time in milliseconds, and the host presents
that stamp each time it comes back. The time is an argument.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from pairterm.errors import UsageError

__all__ = ["Claim", "settle_claim"]


@dataclass(frozen=True, slots=True)
class Claim:
    """The claim that a host presents for a name, and that the gateway keeps."""

    owner: str
    instance: bytes
    generation: int
    """0 for a claim that no gateway has taken yet; else the stamp it was given, milliseconds since the epoch."""


def settle_claim(name: str, held: Claim | None, presented: Claim, *, is_connected: bool, now_ms: int) -> Claim:
    """Return the claim that holds from now on: the presented one, with its generation.

    Args:
        name: What is claimed, for the messages.
        held: The claim that holds now; None if there is none.
        presented: The new claim.
        is_connected: Whether the host that has it is connected; one that is away may lose it to a
            fresh claim of the same owner.
        now_ms: The gateway's time, milliseconds since the epoch.

    Raises:
        UsageError: Somebody else has it (`name_taken`), another session of the same owner is
            connected under it (`duplicate_name`), or a newer one has it (`superseded`).
    """
    if held is None:
        return presented if presented.generation else replace(presented, generation=now_ms)
    if held.owner != presented.owner:
        raise UsageError(f"the name {name} is somebody else's", code="name_taken")
    if held.instance == presented.instance:
        return replace(presented, generation=max(held.generation, presented.generation))
    if presented.generation > held.generation:
        return presented
    if presented.generation:
        raise UsageError(f"{name} lives elsewhere now: a newer session of yours has the name", code="superseded")
    if is_connected:
        raise UsageError(f"the name {name} is in use by another session of yours: end it first", code="duplicate_name")
    return replace(presented, generation=max(now_ms, held.generation + 1))
