"""The gateway's sessions: found by hash or fixed name, each with one owner, bounded in number."""

from __future__ import annotations

import pytest

from pairterm.errors import UsageError
from pairterm.gateway.directory import Directory
from pairterm.gateway.hosted import HostedSession, HostOwner
from pairterm.link.messages import Register, ViewerMessage, ViewSettings


class FakeLink:
    """A host's link, as far as a session is concerned."""

    waiting_bytes = 0

    def send(self, message: ViewerMessage) -> None:
        """Send nothing."""

    def excuse(self, took_s: float) -> None: ...

    def close(self) -> None:
        """Close nothing."""


def owner(number: int = 1, *, is_local: bool = True, prefix: str | None = "team-", sessions: int = 2) -> HostOwner:
    return HostOwner(f"{'uid' if is_local else 'key'} {number}", sessions, prefix, may_be_away=not is_local)


def register(
    name: str, *, mark: bytes = b"a", instance: bytes = b"i", generation: int = 0, fixed_name: str = ""
) -> Register:
    write, read = mark + b"w" * 31, mark + b"r" * 31
    return Register(name, write, read, instance=instance, generation=generation, fixed_name=fixed_name)


@pytest.fixture
def directory() -> Directory:
    return Directory(max_sessions=3)


def add(directory: Directory, message: Register, by: HostOwner, now_ms: int = 1000) -> HostedSession:
    session, _ = directory.register(message, by, now_ms=now_ms)
    session.connect(FakeLink(), ViewSettings())
    return session


def refusal(directory: Directory, message: Register, by: HostOwner) -> str:
    with pytest.raises(UsageError) as caught:
        directory.register(message, by, now_ms=1000)
    return caught.value.code


def test_a_session_is_found_by_either_hash_until_it_is_removed(directory: Directory) -> None:
    found = add(directory, register("s"), owner())
    for each in found.roles:
        assert directory.find(each) is found
    assert directory.find(b"x" * 32) is None
    directory.remove(found)
    directory.remove(found)
    assert len(directory) == 0
    assert all(directory.find(each) is None for each in found.roles)


def test_a_host_that_comes_back_has_its_session_again(directory: Directory) -> None:
    former = add(directory, register("s"), owner())
    assert add(directory, register("s", generation=former.claim.generation), owner()) is former
    assert len(directory) == 1


def test_tokens_are_nobodys_twice_also_after_their_end(directory: Directory) -> None:
    """A guest knows a link's token: it must not be able to take the link up as a host of its own."""
    session = add(directory, register("s"), owner(1))
    assert refusal(directory, register("s", instance=b"j"), owner(1)) == "duplicate_token"
    assert refusal(directory, register("s"), owner(2)) == "duplicate_token"
    half = Register("t", session.claim.owner.encode().ljust(32), b"a" + b"r" * 31, instance=b"i")
    assert refusal(directory, half, owner(2)) == "duplicate_token"
    directory.remove(session)
    assert refusal(directory, register("s"), owner(2)) == "duplicate_token"
    assert add(directory, register("s"), owner(1)).name == "s"


def test_names_are_a_local_users_own_and_a_machines_elsewhere(directory: Directory) -> None:
    add(directory, register("s"), owner(1))
    add(directory, register("s", mark=b"b"), owner(2))
    assert refusal(directory, register("s", mark=b"c"), owner(1)) == "duplicate_session"
    assert refusal(directory, register("a b", mark=b"d"), owner(3)) == "bad_name"
    remote = Directory(max_sessions=3)
    add(remote, register("0", mark=b"a"), owner(is_local=False))
    add(remote, register("0", mark=b"b", instance=b"j"), owner(is_local=False))
    assert len(remote) == 2


def test_it_is_bounded_for_an_owner_and_in_all(directory: Directory) -> None:
    for number, user in enumerate((1, 1, 2)):
        add(directory, register(f"s{number}", mark=bytes([number])), owner(user))
    assert refusal(directory, register("more", mark=b"x"), owner(1)) == "full"
    assert refusal(directory, register("more", mark=b"x"), owner(3)) == "full"
    add(directory, register("s0", mark=bytes([0])), owner(1))  # one that comes back is not one more
    assert len(directory) == 3


def test_fixed_names_are_for_those_who_may_have_them(directory: Directory) -> None:
    assert refusal(directory, register("s", fixed_name="other"), owner()) == "name_taken"
    assert refusal(directory, register("s", fixed_name="team-x"), owner(prefix=None)) == "name_taken"
    assert refusal(directory, register("s", fixed_name="host"), owner(prefix="")) == "name_taken"
    assert refusal(directory, register("s", fixed_name="rw-x"), owner(prefix="")) == "name_taken"
    session = add(directory, register("s", fixed_name="team-x"), owner())
    assert directory.named("team-x") is session
    directory.remove(session)
    assert directory.named("team-x") is None


def test_a_fresh_claim_takes_a_name_only_from_a_host_that_is_away(directory: Directory) -> None:
    first = add(directory, register("one", fixed_name="team-x"), owner())
    second = register("two", mark=b"b", instance=b"j", fixed_name="team-x")
    assert refusal(directory, second, owner()) == "duplicate_name"
    assert refusal(directory, second, owner(2)) == "name_taken"
    first.disconnect(0.0)
    assert refusal(directory, second, owner(2)) == "name_taken"
    newer = add(directory, second, owner())
    assert directory.named("team-x") is newer
    assert first.fixed_name == ""
    assert newer.claim.generation > first.claim.generation


def test_an_old_claim_comes_back_without_the_name_and_is_told(directory: Directory) -> None:
    first = add(directory, register("one", fixed_name="team-x"), owner())
    old = first.claim.generation
    first.disconnect(0.0)
    newer = add(directory, register("two", mark=b"b", instance=b"j", fixed_name="team-x"), owner())
    back, notice = directory.register(register("one", generation=old, fixed_name="team-x"), owner(), now_ms=3000)
    assert back is first
    assert "lives elsewhere" in notice
    assert directory.named("team-x") is newer


def test_after_a_restart_the_newer_claim_wins_whoever_comes_first() -> None:
    old = register("one", generation=1000, fixed_name="team-x")
    new = register("two", mark=b"b", instance=b"j", generation=2000, fixed_name="team-x")
    for order in ((old, new), (new, old)):
        directory = Directory(max_sessions=3)
        for message in order:
            add(directory, message, owner())
        named = directory.named("team-x")
        assert named is not None
        assert named.name == "two"
        assert [session.fixed_name for session in directory.sessions] == ["", "team-x"]
