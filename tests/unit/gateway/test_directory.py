"""The gateway's sessions: found by hash alone, one a name and user, bounded in number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import pytest

from pairterm.errors import UsageError
from pairterm.gateway.directory import Directory, Registration
from pairterm.gateway.hostlink import HostLink
from pairterm.types import Role


@dataclass
class FakeLink:
    """A host's link, as far as the directory is concerned."""

    is_closed: bool = False

    def close(self) -> None:
        self.is_closed = True


def registration(name: str, *, uid: int = 1000, mark: bytes = b"a") -> tuple[Registration, FakeLink]:
    link = FakeLink()
    roles = {mark + b"w" * 31: Role.READ_WRITE, mark + b"r" * 31: Role.READ_ONLY}
    return Registration(name, uid, roles, cast(HostLink, link)), link


@pytest.fixture
def directory() -> Directory:
    return Directory(max_sessions=3, max_sessions_per_user=2)


def test_a_session_is_found_by_either_hash_until_it_is_removed(directory: Directory) -> None:
    found, _ = registration("s")
    directory.add(found)
    for each in found.roles:
        assert directory.find(each) is found
    assert directory.find(b"x" * 32) is None
    directory.remove(found)
    directory.remove(found)
    assert len(directory) == 0
    assert all(directory.find(each) is None for each in found.roles)


def test_a_host_that_comes_back_replaces_its_former_link(directory: Directory) -> None:
    former, former_link = registration("s")
    again, again_link = registration("s")
    directory.add(former)
    directory.add(again)
    assert former_link.is_closed
    assert not again_link.is_closed
    directory.remove(former)  # its link is found dead only now
    assert all(directory.find(each) is again for each in again.roles)


def test_names_are_a_users_own_and_tokens_nobodys_twice(directory: Directory) -> None:
    first, first_link = registration("s", uid=1)
    directory.add(first)
    directory.add(registration("s", uid=2, mark=b"b")[0])
    for name, uid, mark, code in (
        ("s", 1, b"c", "duplicate_session"),
        ("t", 3, b"a", "duplicate_token"),
        ("a b", 3, b"d", "bad_name"),
    ):
        with pytest.raises(UsageError) as caught:
            directory.add(registration(name, uid=uid, mark=mark)[0])
        assert caught.value.code == code
    assert not first_link.is_closed
    assert len(directory) == 2


def test_it_is_bounded_for_a_user_and_in_all(directory: Directory) -> None:
    for number, uid in enumerate((1, 1, 2)):
        directory.add(registration(f"s{number}", uid=uid, mark=bytes([number]))[0])
    with pytest.raises(UsageError) as caught:
        directory.add(registration("more", uid=1, mark=b"x")[0])
    assert caught.value.code == "full"
    with pytest.raises(UsageError):
        directory.add(registration("more", uid=3, mark=b"x")[0])
    again, _ = registration("s0", uid=1, mark=bytes([0]))
    directory.add(again)  # one that comes back is not one more
    assert len(directory) == 3
