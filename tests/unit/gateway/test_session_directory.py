"""The gateway's sessions: found by hash or fixed name, each with one owner, bounded in number."""

from __future__ import annotations

import pytest

from pairterm.access.spoken_words import WORDS
from pairterm.access.tokens import Tokens, draw_token, new_tokens, token_hash
from pairterm.access.user_names import ByName, UserName, the_one, whose
from pairterm.errors import UsageError
from pairterm.gateway.hosts.hosted_session import HostedSession
from pairterm.gateway.hosts.owners import HostOwner
from pairterm.gateway.session_directory import SessionDirectory
from pairterm.link.messages import AdmissionRules, InvitationWire, Register, ViewerMessage, ViewSettings
from pairterm.types import Role


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
def directory() -> SessionDirectory:
    return SessionDirectory(max_sessions=3)


def add(directory: SessionDirectory, message: Register, by: HostOwner, now_ms: int = 1000) -> HostedSession:
    session, _ = directory.register(message, by, now_ms=now_ms)
    session.connect(FakeLink(), ViewSettings())
    return session


def refusal(directory: SessionDirectory, message: Register, by: HostOwner) -> str:
    with pytest.raises(UsageError) as caught:
        directory.register(message, by, now_ms=1000)
    return caught.value.code


def of_tokens(tokens: Tokens, *, name: str = "s", seal: bytes | None = None, instance: bytes = b"i") -> Register:
    write, read = token_hash(tokens.read_write), token_hash(tokens.read_only)
    return Register(name, write, read, instance=instance, seal=tokens.seal if seal is None else seal)


def test_a_session_is_found_by_either_token_until_it_is_removed(directory: SessionDirectory) -> None:
    tokens = new_tokens()
    found = add(directory, of_tokens(tokens), owner())
    assert directory.find(UserName.of(tokens.read_write)) is found
    assert directory.find(UserName.of(tokens.read_only.upper())) is found
    assert directory.find(UserName.of(new_tokens().read_write)) is None
    directory.remove(found)
    directory.remove(found)
    assert len(directory) == 0
    assert directory.find(UserName.of(tokens.read_write)) is directory.find(UserName.of(tokens.read_only)) is None


def test_a_host_that_comes_back_has_its_session_again(directory: SessionDirectory) -> None:
    former = add(directory, register("s"), owner())
    assert add(directory, register("s", generation=former.claim.generation), owner()) is former
    assert len(directory) == 1


@pytest.mark.parametrize("is_first", [True, False])
def test_a_token_leads_to_the_session_that_drew_it_whoever_registers_its_hash(is_first: bool) -> None:
    """A guest knows a link's token: after a restart it took the link up as a host of its own, and the host was out."""
    directory, tokens = SessionDirectory(max_sessions=9), new_tokens()
    forged = [new_tokens().seal, b"", bytes(32), tokens.seal[:31]]
    thefts = [of_tokens(tokens, name=f"s{number}", seal=seal, instance=b"x") for number, seal in enumerate(forged)]
    if is_first:
        for each in thefts:
            add(directory, each, owner(2, sessions=9))
    session = add(directory, of_tokens(tokens), owner(1))
    if not is_first:
        for each in thefts:
            add(directory, each, owner(2, sessions=9))
    assert directory.find(UserName.of(tokens.read_write)) is directory.find(UserName.of(tokens.read_only)) is session
    directory.remove(session)
    assert directory.find(UserName.of(tokens.read_write)) is directory.find(UserName.of(tokens.read_only)) is None
    again = add(directory, of_tokens(tokens), owner(1))
    assert directory.find(UserName.of(tokens.read_write)) is again


def test_a_link_that_others_bring_too_stays_its_sessions(directory: SessionDirectory) -> None:
    """Also one that was made while the host was away, which the gateway sees first from a guest who shares."""
    tokens = new_tokens()
    session = add(directory, of_tokens(tokens), owner(1))
    thief = add(directory, of_tokens(new_tokens()), owner(2))
    later = draw_token(Role.READ_ONLY, tokens.seal)
    for each in (thief, session):
        assert directory.admit(each, AdmissionRules([InvitationWire(token_hash(later), "ro")], [], False)) == []
    assert directory.find(UserName.of(later)) is session
    assert directory.find(UserName.of(tokens.read_write)) is None, "it is not among the links any more"


def test_a_session_that_the_operator_ended_is_banned_for_its_own_owner_only(directory: SessionDirectory) -> None:
    """Else a guest who shares had the session of its links banned with its own."""
    tokens = new_tokens()
    thief = add(directory, of_tokens(tokens, seal=b""), owner(2))
    directory.ban(thief)
    assert refusal(directory, of_tokens(tokens, seal=b""), owner(2)) == "banned"
    assert directory.find(UserName.of(tokens.read_write)) is None
    session = add(directory, of_tokens(tokens), owner(1))
    assert directory.find(UserName.of(tokens.read_write)) is session


def codes(*spoken: str) -> AdmissionRules:
    return AdmissionRules(
        [InvitationWire(token_hash(each), "ro", nameplate=each.partition("-")[0]) for each in spoken], [], False
    )


def test_a_spoken_code_is_the_first_ones_and_bounded_for_an_owner_a_number_and_in_all() -> None:
    """One host could hold 12,288 codes of one number: a guest of another who misheard a word would land there."""
    directory = SessionDirectory(max_sessions=200)
    sessions = [
        add(directory, Register(f"s{number}", bytes([number]) * 32, b"r" * 32, instance=bytes([number])), owner(number))
        for number in range(1, 60)
    ]
    first, second, *others = sessions
    words = [f"{word}-apple" for word in WORDS]
    assert directory.admit(first, codes(*(f"7-{each}" for each in words[:200]))) == ["7"] * 199
    assert directory.find(UserName.of(f"7-{words[0]}")) is first
    assert directory.find(UserName.of(f"7-{words[1]}")) is None
    assert directory.admit(second, codes(f"7-{words[0]}")) == ["7"], "the code is the first one's"
    taken = [not directory.admit(each, codes(f"7-{word}-plum")) for each, word in zip(others, WORDS, strict=False)]
    assert sum(taken) == 3, "four of one number"
    numbers = range(100, 150)
    refused = directory.admit(first, codes(*(f"{number}-apple-plum" for number in numbers)))
    assert refused == [str(number) for number in numbers[16:]]
    assert directory.admit(first, codes("100-apple-plum", "200-apple-plum")) == [], "what ended makes room"
    for index, each in enumerate(others):
        directory.admit(each, codes(*(f"{300 + index * 10 + number}-apple-plum" for number in range(10))))
    assert sum(1 for each in sessions for link in each.links.values() if link.nameplate) == 512


def test_a_link_that_turns_into_a_code_is_a_new_code(directory: SessionDirectory) -> None:
    session = add(directory, of_tokens(new_tokens()), owner())
    plain = [InvitationWire(token_hash(f"7-apple-{word}"), "ro") for word in WORDS[:20]]
    assert directory.admit(session, AdmissionRules(plain, [], False)) == []
    assert directory.find(UserName.of(f"7-apple-{WORDS[0]}")) is None, "what has a code's form opens as a code only"
    turned = [InvitationWire(each.token_hash, "ro", nameplate="7") for each in plain]
    assert len(directory.admit(session, AdmissionRules(turned, [], False))) == 19


def keyed(directory: SessionDirectory, name: str, by: HostOwner, *, fixed_name: str = "") -> HostedSession:
    mark = f"{by.id} {name}".encode().ljust(31, b".")[-31:]
    message = Register(name, b"w" + mark, b"r" + mark, instance=mark[:16], fixed_name=fixed_name)
    session = add(directory, message, by)
    directory.admit(session, AdmissionRules([], ["ssh-ed25519 AAAA"], False))
    return session


def test_a_name_alone_means_no_session_and_an_owners_name_its_owners() -> None:
    directory = SessionDirectory(max_sessions=9)
    ana = HostOwner("uid 1000", 9, "ana", may_be_away=False, uid=1000)
    eve = HostOwner("key SHA256:AbC+d/12345678901234567", 9, None, may_be_away=True)
    mine, hers = keyed(directory, "work", ana), keyed(directory, "work", eve)
    assert not directory.keyed("work").is_exact
    assert set(directory.keyed("work").sessions) == {mine, hers}
    for name in ("ana/work", "uid-1000/work"):
        assert directory.keyed(name) == ByName([mine], is_exact=True)
    assert eve.word == eve.mark == "key-AbC-d_1234567890"
    assert directory.keyed("key-AbC-d_1234567890/work").sessions == [hers]
    assert directory.keyed("bob/work").sessions == directory.keyed("ana/other").sessions == []
    assert whose([mine, hers]) == "say whose session: ana/work, key-AbC-d_1234567890/work"


def test_owners_with_one_word_have_marks() -> None:
    """An operator may give two keys one prefix, and a key the login name of a user."""
    directory = SessionDirectory(max_sessions=9)
    found = [
        keyed(directory, "work", HostOwner(each, 9, "ana", may_be_away=True))
        for each in ("uid 1000", "key SHA256:AAAAAAAAAAAAAAAAAAAA", "key SHA256:BBBBBBBBBBBBBBBBBBBB")
    ]
    assert set(directory.keyed("ana/work").sessions) == set(found)
    named = whose(found)
    for each in found:
        assert f"{each.owner.mark}/work" in named
        assert directory.keyed(f"{each.owner.mark}/work").sessions == [each]


def test_of_sessions_of_one_name_none_is_taken_instead_of_anothers() -> None:
    directory = SessionDirectory(max_sessions=9)
    ana, eve = (HostOwner(f"key SHA256:{each * 20}", 9, "ana", may_be_away=True) for each in "ae")
    first, theirs = keyed(directory, "work", ana), keyed(directory, "work", eve)
    second = add(directory, register("work", mark=b"x", instance=b"x"), ana)
    assert the_one([first]) is first
    assert the_one([first, second]) is None
    first.disconnect(0.0)
    assert the_one([first]) is first
    assert the_one([first, second]) is second, "the owner's other machine is here"
    assert the_one([first, theirs]) is None, "another owner's is not what was meant"


def test_a_fixed_name_wins_outright() -> None:
    directory = SessionDirectory(max_sessions=9)
    eve = HostOwner("key SHA256:AbC+d/12345678901234567", 9, None, may_be_away=True)
    stranger = keyed(directory, "team-x", eve)
    named = keyed(directory, "0", owner(), fixed_name="team-x")
    assert directory.keyed("team-x") == ByName([named], is_exact=True)
    directory.admit(named, AdmissionRules([], [], False))
    assert directory.keyed("team-x") == ByName([], is_exact=True), "no key opens it, so none opens another instead"
    directory.remove(named)
    assert directory.keyed("team-x") == ByName([stranger], is_exact=False)


@pytest.mark.parametrize(
    ("prefix", "name", "is_in"),
    [
        ("ptan", "ptan", True), ("ptan", "ptan-x", True), ("ptan", "ptana-x", False), ("ptan", "ptana", False),
        ("ptan", "ptan.x", False), ("ptan", "pta", False), ("team-", "team-x", True), ("team-", "team", False),
        ("team-", "teams-x", False), ("", "any", True), (None, "any", False),
    ],
)  # fmt: skip
def test_a_prefix_ends_where_a_part_of_the_name_ends(prefix: str | None, name: str, is_in: bool) -> None:
    """`ptan` claimed `ptana-…`, which is another user's."""
    assert HostOwner("key SHA256:x", 9, prefix, may_be_away=True).has_in_prefix(name) is is_in


@pytest.mark.parametrize(("prefix", "told"), [("ana", "are ana or ana-…"), ("ana-", "are ana-…")])
def test_a_fixed_name_that_is_not_ones_own_says_which_are(directory: SessionDirectory, prefix: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        directory.register(register("s", fixed_name="other"), owner(prefix=prefix), now_ms=1000)


def test_names_are_a_local_users_own_and_a_machines_elsewhere(directory: SessionDirectory) -> None:
    add(directory, register("s"), owner(1))
    add(directory, register("s", mark=b"b"), owner(2))
    assert refusal(directory, register("s", mark=b"c"), owner(1)) == "duplicate_session"
    assert refusal(directory, register("a b", mark=b"d"), owner(3)) == "bad_name"
    remote = SessionDirectory(max_sessions=3)
    add(remote, register("0", mark=b"a"), owner(is_local=False))
    add(remote, register("0", mark=b"b", instance=b"j"), owner(is_local=False))
    assert len(remote) == 2


def test_it_is_bounded_for_an_owner_and_in_all(directory: SessionDirectory) -> None:
    for number, user in enumerate((1, 1, 2)):
        add(directory, register(f"s{number}", mark=bytes([number])), owner(user))
    assert refusal(directory, register("more", mark=b"x"), owner(1)) == "full"
    assert refusal(directory, register("more", mark=b"x"), owner(3)) == "full"
    add(directory, register("s0", mark=bytes([0])), owner(1))  # one that comes back is not one more
    assert len(directory) == 3


def test_fixed_names_are_for_those_who_may_have_them(directory: SessionDirectory) -> None:
    assert refusal(directory, register("s", fixed_name="other"), owner()) == "name_taken"
    assert refusal(directory, register("s", fixed_name="team-x"), owner(prefix=None)) == "name_taken"
    assert refusal(directory, register("s", fixed_name="host"), owner(prefix="")) == "name_taken"
    assert refusal(directory, register("s", fixed_name="rw-x"), owner(prefix="")) == "name_taken"
    assert refusal(directory, register("s", fixed_name="7-apple-arrow"), owner(prefix="")) == "name_taken"
    session = add(directory, register("s", fixed_name="team-x"), owner())
    assert directory.named("team-x") is session
    directory.remove(session)
    assert directory.named("team-x") is None


def test_a_fresh_claim_takes_a_name_only_from_a_host_that_is_away(directory: SessionDirectory) -> None:
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


def test_an_old_claim_comes_back_without_the_name_and_is_told(directory: SessionDirectory) -> None:
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
        directory = SessionDirectory(max_sessions=3)
        for message in order:
            add(directory, message, owner())
        named = directory.named("team-x")
        assert named is not None
        assert named.name == "two"
        assert [session.fixed_name for session in directory.sessions] == ["", "team-x"]
