"""Who may share: the lines of authorized_hosts, and the users of the machine."""

from __future__ import annotations

import os
from pathlib import Path

import asyncssh
import pytest

from pairterm.access.proved_key import ProvedKey
from pairterm.config import HostsConfig
from pairterm.gateway.hosts.authorized_hosts import HostAdmission, HostKeys

KEY = asyncssh.generate_private_key("ssh-ed25519").convert_to_public()
LINE = KEY.export_public_key().decode().strip()


def owner(text: str, *, takes_anyone: bool = False, address: str = "192.0.2.7") -> object:
    keys = HostKeys(text, takes_anyone=takes_anyone, max_sessions=9)
    options = keys.validate(KEY, "", address)
    assert (options is None) == (keys.owner is None)
    return keys.owner


def test_a_lines_options_bound_its_owner() -> None:
    keys = HostKeys(f'name-prefix="team-",max-sessions="2" {LINE}', takes_anyone=False, max_sessions=9)
    keys.validate(KEY, "", "192.0.2.7")
    assert keys.owner is not None
    assert keys.owner.id == f"key {KEY.get_fingerprint()}"
    assert keys.owner.name_prefix == "team-"
    assert keys.owner.max_sessions == 2
    assert keys.owner.may_be_away


@pytest.mark.parametrize("number", ["9" * 5000, "-1", "many", "0000009999999"])
def test_a_number_of_sessions_that_can_not_be_read_is_left_out(number: str) -> None:
    """More than 4300 digits raised in the middle of a login."""
    keys = HostKeys(f'max-sessions="{number}" {LINE}', takes_anyone=False, max_sessions=9)
    keys.validate(KEY, "", "192.0.2.7")
    assert keys.owner is not None
    assert keys.owner.max_sessions == 9


@pytest.mark.parametrize(
    "text",
    [
        "", "# KEY", "cert-authority KEY", 'expiry-time="20200101" KEY', 'expiry-time="20200101Z" KEY',
        "expiry-time KEY", 'expiry-time="tomorrow" KEY', 'from="198.51.100.0/24" KEY', "broken " * 5,
    ],
)  # fmt: skip
def test_lines_that_let_nobody_in(text: str) -> None:
    assert owner(text.replace("KEY", LINE)) is None


@pytest.mark.parametrize(
    "text",
    ["KEY", 'expiry-time="29991231" KEY', 'expiry-time="299912312359Z" KEY', 'from="192.0.2.*" KEY'],
)
def test_lines_that_let_it_in_though_others_are_broken(text: str) -> None:
    line = text.replace("KEY", LINE)
    assert owner(f"what is this\n\n# a comment\n{line}\n") is not None


def test_an_expired_line_holds_also_where_anyone_may_come() -> None:
    assert owner("", takes_anyone=True) is not None
    assert owner('expiry-time="20200101" ' + LINE, takes_anyone=True) is None


def test_a_key_that_is_refused_after_one_that_was_taken_leaves_no_owner() -> None:
    keys = HostKeys(LINE, takes_anyone=False, max_sessions=9)
    keys.validate(KEY, "", "192.0.2.7")
    keys.validate(asyncssh.generate_private_key("ssh-ed25519").convert_to_public(), "", "192.0.2.7")
    assert keys.owner is None


def test_users_of_the_machine_by_group(tmp_path: Path) -> None:
    free = HostAdmission(HostsConfig(), tmp_path, max_sessions=9).local_owner(os.getuid())
    assert free is not None
    assert free.uid == os.getuid()
    assert not free.may_be_away
    nobody = 65534
    limited = HostAdmission(HostsConfig(group="no-such-group"), tmp_path, max_sessions=9)
    assert limited.local_owner(nobody) is None
    assert HostAdmission(HostsConfig(group="no-such-group"), tmp_path, max_sessions=9).local_owner(987654) is None


def test_a_list_that_changes_and_stays_so_is_held_against_those_who_are_in(tmp_path: Path) -> None:
    path = tmp_path / "authorized_hosts"
    path.write_text(LINE + "\n")
    hosts = HostAdmission(HostsConfig(), tmp_path, max_sessions=9)
    keys = hosts.keys()
    keys.validate(KEY, "", "192.0.2.7")
    assert keys.owner is not None
    assert not hosts.look(), "nothing has changed"
    path.write_text("# nobody any more\n")
    assert [hosts.look(), hosts.look(), hosts.look()] == [False, True, True], "until it has been carried out"
    hosts.settle()
    assert not hosts.look()
    assert not hosts.lets_in(keys.owner)
    path.write_text(f'from="198.51.100.0/24" {LINE}\n')
    assert not hosts.lets_in(keys.owner)
    path.write_text(f"{LINE}\n")
    assert hosts.lets_in(keys.owner)
    path.unlink()
    assert [hosts.look(), hosts.look()] == [False, True]
    assert not hosts.lets_in(keys.owner)
    path.mkdir()
    assert hosts.lets_in(keys.owner), "what can't be read changes nothing"
    local = hosts.local_owner(os.getuid())
    assert local is not None
    assert hosts.lets_in(local)


def test_holders_of_certificates_of_one_authority_are_as_many_owners() -> None:
    """They were one: each could take the others' names and sessions, and filled their places."""
    authority = asyncssh.generate_private_key("ssh-ed25519")
    line = f"cert-authority {authority.export_public_key().decode()}"
    found = []
    names = ("ana", "bo", "", "ana\n", "ana\\n")
    for name in names:
        keys = HostKeys(line, takes_anyone=False, max_sessions=9)
        assert keys.validate(authority.convert_to_public(), "", "192.0.2.7", ["host"], ca=True) is not None
        found.append(keys.proved_owner(ProvedKey(LINE, name, authority.get_fingerprint())))
    assert all(each is not None and each.id.isprintable() for each in found)
    assert len({each.id for each in found if each is not None}) == len(names)
    assert len({each.mark for each in found if each is not None}) == len(names)


def test_a_certificate_without_a_principal_is_good_for_nothing() -> None:
    """asyncssh takes it for good for any; sshd does not."""
    authority = asyncssh.generate_private_key("ssh-ed25519")
    keys = HostKeys(f"cert-authority {authority.export_public_key().decode()}", takes_anyone=False, max_sessions=9)
    assert keys.validate(authority.convert_to_public(), "", "192.0.2.7", [], ca=True) is None


def test_a_file_that_can_not_be_read_is_told_also_by_a_user_who_has_no_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a container the gateway's uid may have no entry in the user database: `serve` and `status` failed then."""

    def nobody(uid: int) -> None:
        raise KeyError(uid)

    monkeypatch.setattr("pwd.getpwuid", nobody)
    (tmp_path / "authorized_hosts").mkdir()
    problem = HostAdmission(HostsConfig(), tmp_path, max_sessions=9).problem()
    assert "Is a directory" in problem
    assert f"runs as uid {os.getuid()}" in problem
