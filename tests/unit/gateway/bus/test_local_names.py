"""Unit tests of the fixed names of several workers: one table, with the rules of one gateway."""

from pathlib import Path

import pytest

from pairterm.access.name_claims import Claim
from pairterm.errors import UsageError
from pairterm.gateway.bus.local_names import LocalNames

HERE, THERE = "a" * 16, "b" * 16
MINE, MY_NEXT, FOREIGN = Claim("uid 1", b"one", 0), Claim("uid 1", b"two", 0), Claim("uid 2", b"x", 0)


def claim(names: LocalNames, wanted: Claim, *, now_ms: int = 1000, dead: str = "", is_connected: bool = True) -> Claim:
    granted, _ = names.claim(
        "team-x", wanted, is_connected=is_connected, is_alive=lambda gateway: gateway != dead, now_ms=now_ms
    )
    return granted


def test_a_name_that_another_worker_has_is_in_use_until_that_worker_is_gone(tmp_path: Path) -> None:
    here, there = LocalNames(tmp_path, HERE), LocalNames(tmp_path, THERE)
    first = claim(here, MINE)
    with pytest.raises(UsageError, match="in use"):
        claim(there, MY_NEXT)
    with pytest.raises(UsageError, match="somebody else's"):
        claim(there, FOREIGN, dead=HERE)
    second = claim(there, MY_NEXT, dead=HERE, now_ms=1)
    assert second.generation > first.generation
    with pytest.raises(UsageError, match="elsewhere"):
        claim(here, first)


def test_the_worker_that_lost_a_name_is_told_which_claim_lost_it(tmp_path: Path) -> None:
    here, there = LocalNames(tmp_path, HERE), LocalNames(tmp_path, THERE)
    claim(here, MINE)
    granted, lost = there.claim("team-x", MY_NEXT, is_connected=True, is_alive=lambda gateway: False, now_ms=5)
    assert granted.instance == MY_NEXT.instance
    assert lost is not None
    assert (lost.gateway, lost.claim.instance) == (HERE, MINE.instance)


def test_the_same_host_has_its_name_at_any_worker(tmp_path: Path) -> None:
    here, there = LocalNames(tmp_path, HERE), LocalNames(tmp_path, THERE)
    first = claim(here, MINE)
    assert claim(there, first) == first


def test_a_name_is_given_back_by_the_worker_that_has_it_only(tmp_path: Path) -> None:
    here, there = LocalNames(tmp_path, HERE), LocalNames(tmp_path, THERE)
    first = claim(here, MINE)
    there.release("team-x", first)
    with pytest.raises(UsageError):
        claim(there, FOREIGN)
    here.release("team-x", first)
    assert claim(there, FOREIGN).owner == FOREIGN.owner
