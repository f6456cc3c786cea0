"""Who gets in, by any order of events: the admission of one connection without a network."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pairterm.access.authorized_keys import fingerprint_of
from pairterm.access.gateway_admission import MAX_OFFERS, AccessState, Admission
from pairterm.access.guest_places import GuestPlaces
from pairterm.access.penalties import SourcePenalties
from pairterm.access.proved_key import ProvedKey
from pairterm.access.tokens import Tokens, draw_token, new_tokens, token_hash
from pairterm.access.verdicts import AskHostKey, AskKey, ComeIn, NoEntry, Refusal, Refused, WaitForHost
from pairterm.gateway.hosts.hosted_session import HostedSession
from pairterm.gateway.hosts.owners import HostOwner
from pairterm.gateway.session_directory import SessionDirectory
from pairterm.link.messages import AdmissionRules, InvitationWire, Register, ViewSettings
from pairterm.types import Role
from tests.unit.gateway.test_session_directory import FakeLink

SOURCE = "192.0.2.1"


def key_line(mark: bytes) -> str:
    kind = b"ssh-ed25519"
    blob = len(kind).to_bytes(4, "big") + kind + (32).to_bytes(4, "big") + mark * 32
    return f"ssh-ed25519 {base64.b64encode(blob).decode()}"


MINE, OTHER, AUTHORITY = key_line(b"a"), key_line(b"b"), key_line(b"c")


@dataclass
class Returns:
    """Hosts that come back until a time."""

    until_s: float = 0.0

    def is_open(self, now_s: float) -> bool:
        return now_s < self.until_s

    def count(self) -> int:
        return 0


@dataclass
class Gateway:
    """A gateway's sessions and counts: `plain` opens by a token, `keyed` takes a key besides, `named` a key alone."""

    returns: Returns = field(default_factory=Returns)
    guests: GuestPlaces = field(default_factory=lambda: GuestPlaces(50, per_session=50, per_source=50))
    penalties: SourcePenalties = field(default_factory=SourcePenalties)

    def __post_init__(self) -> None:
        self.directory = SessionDirectory(max_sessions=9)
        self.state: AccessState[HostedSession] = AccessState(
            self.directory,
            penalties=self.penalties,
            guests=self.guests,
            returns=self.returns,
            takes_hosts=True,
            max_hosts=1,
        )
        self.plain = self.add("plain")
        self.asking = self.add("asking", wants_key=True)
        self.keyed = self.add("keyed", keys=(MINE,), needs_key=True)
        self.named = self.add("named", keys=(MINE, f"cert-authority {AUTHORITY}"), fixed_name="fixed")
        self.code = "7-apple-plum"
        links = [InvitationWire(token_hash(self.code), "ro", nameplate="7")]
        self.directory.admit(self.add("coded")[0], AdmissionRules(links, [], False))

    def add(
        self,
        name: str,
        *,
        keys: tuple[str, ...] = (),
        needs_key: bool = False,
        wants_key: bool = False,
        fixed_name: str = "",
    ) -> tuple[HostedSession, Tokens]:
        tokens = new_tokens()
        hashes = token_hash(tokens.read_write), token_hash(tokens.read_only)
        message = Register(name, *hashes, instance=name.encode(), seal=tokens.seal, fixed_name=fixed_name)
        owner = HostOwner(f"key SHA256:{name}", 9, "", may_be_away=True)
        session, _ = self.directory.register(message, owner, now_ms=1)
        session.connect(FakeLink(), ViewSettings())
        links = [InvitationWire(each, "rw" if each == hashes[0] else "ro", wants_key=wants_key) for each in hashes]
        self.directory.admit(session, AdmissionRules(links, list(keys), needs_key))
        return session, tokens

    def admission(self) -> Admission[HostedSession]:
        return Admission(self.state, SOURCE)

    def counted(self) -> int:
        """How many user names were counted, those whose count is held back too."""
        return self.penalties.charged + len(self.penalties._held)


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()


def test_a_token_gets_in_and_its_place_is_given_back(gateway: Gateway) -> None:
    admission = gateway.admission()
    assert admission.named(gateway.plain[1].read_only, 0.0) == ComeIn()
    assert isinstance(admission.enter(), NoEntry), "not before it is logged in"
    assert admission.logged_in(0.0) == ComeIn()
    assert admission.enter() is gateway.plain[0]
    assert gateway.guests.count == 1
    assert admission.closed(1.0) is None
    assert admission.closed(1.0) is None
    assert gateway.guests.count == gateway.counted() == 0
    assert isinstance(admission.enter(), NoEntry)


def test_a_token_to_publish_opens_only_the_door_of_pair_ls(gateway: Gateway) -> None:
    """A token at the wrong door is no guess, and is not counted as one."""
    session, tokens = gateway.plain
    publish = draw_token(Role.READ_ONLY, tokens.seal, publishes=True)
    links = [InvitationWire(token_hash(tokens.read_write), "rw"), InvitationWire(token_hash(publish), "publish")]
    gateway.directory.admit(session, AdmissionRules(links, [], False))
    for publishes, right, wrong in ((True, publish, tokens.read_write), (False, tokens.read_write, publish)):
        assert Admission(gateway.state, SOURCE, publishes=publishes).named(right, 0.0) == ComeIn()
        refused = Admission(gateway.state, SOURCE, publishes=publishes)
        assert refused.named(wrong, 0.0) == Refused(Refusal.LINK)
        assert isinstance(refused.enter(), NoEntry)
    assert gateway.counted() == 0
    guess = Admission(gateway.state, SOURCE, publishes=True)
    assert guess.named(f"pb-{'a' * 32}", 0.0) != ComeIn()
    guess.closed(0.0)
    assert gateway.counted() == 1


def test_a_token_that_wants_a_key_gets_in_with_and_without_one(gateway: Gateway) -> None:
    for proved in (ProvedKey(), ProvedKey(OTHER)):
        admission = gateway.admission()
        asked = admission.named(gateway.asking[1].read_write, 0.0)
        assert isinstance(asked, AskKey)
        assert asked.takes_any
        if proved.key:
            assert admission.key_offered(fingerprint_of(OTHER))
            admission.key_proved(proved)
        assert admission.logged_in(0.0) == ComeIn()
        assert admission.proved == proved


def test_a_token_alone_is_not_enough_where_a_key_is_needed(gateway: Gateway) -> None:
    admission = gateway.admission()
    asked = admission.named(gateway.keyed[1].read_write, 0.0)
    assert asked == AskKey(frozenset({fingerprint_of(MINE)}), ())
    assert not admission.key_offered(fingerprint_of(OTHER))
    assert admission.key_offered(fingerprint_of(MINE))
    assert admission.logged_in(0.0) == Refused(Refusal.UNPROVED), "an offer proves nothing"
    assert admission.closed(0.0) == Refused(Refusal.KEY)
    assert gateway.counted() == 1


@pytest.mark.parametrize("proved", [ProvedKey(MINE), ProvedKey(OTHER, "ana", fingerprint_of(AUTHORITY))])
def test_a_proved_key_or_its_authority_opens_a_fixed_name(gateway: Gateway, proved: ProvedKey) -> None:
    admission = gateway.admission()
    asked = admission.named("fixed", 0.0)
    assert asked == AskKey(frozenset({fingerprint_of(MINE)}), (f'cert-authority,principals="fixed" {AUTHORITY}',)), (
        "a certificate has to name the session where its authority's line names nothing"
    )
    admission.key_proved(proved)
    assert admission.logged_in(0.0) == ComeIn()
    assert admission.enter() is gateway.named[0]
    gateway.directory.admit(gateway.named[0], AdmissionRules([], [OTHER], False))
    assert admission.enter() == NoEntry("no such session, or the link has ended"), "its key was removed meanwhile"


def test_the_key_of_an_authority_is_no_key_that_gets_in(gateway: Gateway) -> None:
    admission = gateway.admission()
    admission.named("fixed", 0.0)
    assert not admission.key_offered(fingerprint_of(AUTHORITY))
    for each in (ProvedKey(AUTHORITY), ProvedKey(MINE, "ana", fingerprint_of(OTHER)), ProvedKey()):
        admission.key_proved(each)
        assert admission.logged_in(0.0) == Refused(Refusal.UNPROVED)


def test_a_name_that_is_none_reads_like_one_that_is(gateway: Gateway) -> None:
    admission = gateway.admission()
    assert admission.named("nobodys", 0.0) == AskKey(frozenset(), ())
    admission.key_proved(ProvedKey(MINE))
    assert admission.logged_in(0.0) == Refused(Refusal.UNPROVED)
    assert admission.closed(0.0) == Refused(Refusal.KEY)


def test_a_name_alone_lists_what_it_can_mean_to_a_proved_key_only(gateway: Gateway) -> None:
    admission = gateway.admission()
    admission.named("named", 0.0)
    admission.key_proved(ProvedKey(MINE))
    assert admission.logged_in(0.0) == ComeIn()
    found = admission.enter()
    assert isinstance(found, NoEntry)
    assert found.text == "say whose session: key-named/named"


def test_a_code_is_a_code_before_it_is_a_name_and_its_wrong_words_count_at_once(gateway: Gateway) -> None:
    """A name that asks for a key was the way round the count of a code's tries."""
    assert gateway.admission().named("8-apple-plum", 0.0) == Refused(Refusal.LINK)
    for tries in range(5):
        assert gateway.admission().named("7-wrong-words", 0.0) == Refused(Refusal.LINK)
        assert gateway.penalties.charged == tries + 2
    assert gateway.admission().named(gateway.code, 0.0) == Refused(Refusal.LINK), "the code has ended"


def test_a_second_user_name_is_counted_and_ends_the_connection(gateway: Gateway) -> None:
    for first in (gateway.plain[1].read_write, gateway.keyed[1].read_write, "fixed", "host"):
        admission = gateway.admission()
        admission.named(first, 0.0)
        before = gateway.counted()
        assert admission.named(gateway.plain[1].read_write, 0.0) == Refused(Refusal.NAMES)
        assert gateway.counted() == before + 1
        admission.key_proved(ProvedKey(MINE))
        assert not admission.key_offered(fingerprint_of(MINE))
        assert isinstance(admission.logged_in(0.0), Refused)


def test_a_connection_may_offer_so_many_keys(gateway: Gateway) -> None:
    admission = gateway.admission()
    admission.named("fixed", 0.0)
    assert [admission.key_tried() for _ in range(2 * MAX_OFFERS)] == [None] * 2 * MAX_OFFERS
    assert admission.key_tried() == Refused(Refusal.KEYS)


def test_after_a_restart_a_link_that_is_not_known_waits_and_costs_nothing_if_it_is_right(gateway: Gateway) -> None:
    gateway.returns.until_s = 30.0
    gateway.penalties.hold_until(30.0)
    late = new_tokens()
    admission = gateway.admission()
    waits = admission.named(late.read_write, 0.0)
    assert waits == WaitForHost((token_hash(late.read_write), late.read_write))
    assert admission.waited(1.0, is_brought=True) == waits, "another host has brought the token"
    assert gateway.admission().named(gateway.plain[1].read_write, 0.0) == ComeIn(), "what is known does not wait"
    assert admission.waited(10.0, is_brought=False) == Refused(Refusal.EARLY)
    assert gateway.counted() == 1
    gateway.penalties.known(token_hash(late.read_write))
    assert gateway.counted() == 0


def test_a_connection_that_ends_while_it_waits_is_counted(gateway: Gateway) -> None:
    gateway.returns.until_s = 30.0
    admission = gateway.admission()
    assert isinstance(admission.named("nobodys", 0.0), WaitForHost)
    assert admission.closed(1.0) == Refused(Refusal.EARLY)
    assert isinstance(admission.waited(2.0, is_brought=True), Refused)
    assert gateway.counted() == 1


def test_a_link_that_another_gateway_announces_is_asked_for_there_once(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That gateway's proof is in the directory then. If it is not, the link is as wrong as any other."""
    monkeypatch.setattr(gateway.directory, "may_be_elsewhere", lambda user: True)
    there = new_tokens()
    found, lost = gateway.admission(), gateway.admission()
    for each in (found, lost):
        waits = each.named(there.read_write, 0.0)
        assert isinstance(waits, WaitForHost)
        assert waits.elsewhere is not None
        assert waits.elsewhere.text == there.read_write
        assert there.read_write not in repr(waits)
    assert lost.waited(1.0, is_brought=False) == Refused(Refusal.LINK)
    assert gateway.counted() == 1
    hashes = token_hash(there.read_write), token_hash(there.read_only)
    message = Register("there", *hashes, instance=b"there", seal=there.seal)
    gateway.directory.register(message, HostOwner("key x", 9, "", may_be_away=True), now_ms=1)
    assert found.waited(1.0, is_brought=True) == ComeIn()
    assert gateway.counted() == 1


def test_hosts_prove_a_key_and_are_so_many(gateway: Gateway) -> None:
    first, second = gateway.admission(), gateway.admission()
    for each in (first, second):
        assert each.named("host", 0.0) == AskHostKey() == each.asked
        assert not each.key_offered(fingerprint_of(MINE)), "their list is another"
    assert gateway.admission().logged_in(0.0) == Refused(Refusal.UNPROVED)
    for each in (first, second):
        each.key_proved(ProvedKey(MINE))
    assert first.logged_in(0.0) == ComeIn()
    assert isinstance(first.enter(), NoEntry), "it is no guest"
    assert second.logged_in(0.0) == Refused(Refusal.GATEWAY_FULL)
    second.closed(0.0)
    assert gateway.state.hosts == 1
    first.closed(0.0)
    assert gateway.state.hosts == gateway.counted() == 0


def test_a_host_that_proves_no_key_is_told_of_with_its_keys(gateway: Gateway) -> None:
    """An operator looked for a refused host, and found only that a connection had ended."""
    admission = gateway.admission()
    admission.named("host", 0.0)
    keys = [f"SHA256:{number}" for number in range(2 * MAX_OFFERS)]
    for each in (keys[0], *keys):
        assert not admission.key_offered(each)
    assert admission.closed(1.0) == Refused(Refusal.HOST_KEY)
    assert admission.refused_keys == [*keys[: MAX_OFFERS - 1], keys[-1]]
    assert gateway.counted() == 0, "it is no guess"


def test_a_host_that_offers_no_key_or_proves_a_later_one_is_not_told_of(gateway: Gateway) -> None:
    silent, late = gateway.admission(), gateway.admission()
    for each in (silent, late):
        each.named("host", 0.0)
    late.key_offered(fingerprint_of(OTHER))
    late.key_proved(ProvedKey(MINE))
    assert silent.closed(1.0) is late.closed(1.0) is None


def test_a_gateway_without_hosts_of_other_machines_says_so(gateway: Gateway) -> None:
    gateway.state.takes_hosts = False
    assert gateway.admission().named("host", 0.0) == Refused(Refusal.NO_HOSTS)


def test_there_are_places_when_it_is_named_and_when_it_is_logged_in() -> None:
    gateway = Gateway(guests=GuestPlaces(1, per_session=1, per_source=1))
    token = gateway.plain[1].read_write
    first, second = gateway.admission(), gateway.admission()
    assert first.named(token, 0.0) == second.named(token, 0.0) == ComeIn()
    assert first.logged_in(0.0) == ComeIn()
    assert second.logged_in(0.0) == Refused(Refusal.GATEWAY_FULL)
    assert gateway.admission().named(token, 0.0) == Refused(Refusal.GATEWAY_FULL)
    second.closed(0.0)
    assert gateway.guests.count == 1
    first.closed(0.0)
    assert gateway.guests.count == gateway.counted() == 0


# Laws.

NAMES = ["plain", "asking", "keyed", "code", "fixed", "named", "host", "wrong", "wrong-code", "8-apple-plum"]
KEYS = [MINE, OTHER, AUTHORITY]

events = st.lists(
    st.one_of(
        st.tuples(st.just("named"), st.sampled_from(NAMES)),
        st.tuples(st.just("waited"), st.booleans()),
        st.tuples(st.just("offered"), st.sampled_from(KEYS)),
        st.tuples(st.just("key_proved"), st.sampled_from(KEYS), st.sampled_from(["", AUTHORITY, OTHER])),
        st.tuples(st.just("logged_in")),
        st.tuples(st.just("enter")),
        st.tuples(st.just("closed")),
        st.tuples(st.just("time"), st.sampled_from([1.0, 40.0])),
    ),
    max_size=12,
)


def user_of(gateway: Gateway, word: str) -> str:
    by_token = {"plain": gateway.plain, "asking": gateway.asking, "keyed": gateway.keyed}
    if word in by_token:
        return by_token[word][1].read_write
    return gateway.code if word == "code" else word


FREE = ["plain", "asking", "code", "host"]
"""User names that are never counted when they come first."""


class Model:
    """What a connection has shown, said as plainly as possible, beside the admission that judges it."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self.admission = gateway.admission()
        self.now_s = 0.0
        self.names: list[str] = []
        self.proved: list[ProvedKey] = []
        self.is_spoiled = False
        """It went on without a right."""

    def may_be_in(self, session: HostedSession) -> bool:
        """Return whether it has proved a right to this session."""
        if len(self.names) != 1 or self.is_spoiled:
            return False
        (name,) = self.names
        opens = any(each.opens(session.keys) for each in self.proved)
        if session is self.gateway.keyed[0]:
            return name == "keyed" and opens
        if session is self.gateway.named[0]:
            return name == "fixed" and opens
        return session.name == {"plain": "plain", "asking": "asking", "code": "coded"}.get(name)

    def named(self, word: str) -> None:
        # A name after a login that failed is as good as a second one.
        self.names += ["wrong", word] if self.is_spoiled and not self.names else [word]
        verdict = self.admission.named(user_of(self.gateway, word), self.now_s)
        if verdict == ComeIn() or (isinstance(verdict, AskKey) and verdict.takes_any):
            assert self.names[0] in FREE
            assert len(self.names) == 1

    def waited(self, is_brought: bool) -> None:
        assert self.admission.waited(self.now_s, is_brought=is_brought) != ComeIn(), "no link came meanwhile"

    def offered(self, key: str) -> None:
        self.admission.key_tried()
        self.admission.key_offered(fingerprint_of(key))

    def key_proved(self, key: str, authority: str) -> None:
        proved = ProvedKey(key, "x", fingerprint_of(authority) if authority else "")
        if self.names:
            self.proved.append(proved)
        self.admission.key_proved(proved)

    def logged_in(self) -> None:
        if self.admission.logged_in(self.now_s) != ComeIn():
            self.is_spoiled = True
            return
        assert not self.is_spoiled
        assert len(self.names) == 1
        assert self.names[0] in FREE[:3] or self.proved, "a key was needed"
        assert self.gateway.guests.count + self.gateway.state.hosts <= 1

    def enter(self) -> None:
        found = self.admission.enter()
        assert isinstance(found, NoEntry) or self.may_be_in(found)

    def time(self, step_s: float) -> None:
        self.now_s += step_s

    def closed(self) -> None:
        self.admission.closed(self.now_s)
        gateway = self.gateway
        assert gateway.guests.count == gateway.state.hosts == 0


@given(events, st.booleans(), st.integers(1, 3))
@example([("named", "keyed"), ("key_proved", OTHER, ""), ("logged_in",), ("enter",)], False, 1)
@example([("named", "fixed"), ("offered", MINE), ("named", "plain"), ("logged_in",), ("enter",)], False, 1)
def test_no_order_of_events_lets_a_connection_in_without_a_proved_right(
    story: list[tuple[Any, ...]], is_early: bool, places: int
) -> None:
    """Nor is a place kept, or given back twice."""
    tell(story, is_early, places)


@given(events, st.booleans())
def test_every_user_name_that_proves_no_right_is_counted_once(story: list[tuple[Any, ...]], is_early: bool) -> None:
    before, named = [], False
    for each in story:  # Another law has the events before it is named.
        named = named or each[0] == "named"
        if named or each[0] == "time":
            before.append(each)
    model = tell(before, is_early, 3)
    lines = (MINE, f"cert-authority {AUTHORITY}")
    is_free = model.names[:1] != [] and model.names[0] in FREE
    may_be_free = model.names[:1] != [] and any(each.opens(lines) for each in model.proved)
    counted = model.gateway.counted()
    assert counted <= len(model.names) - is_free
    assert counted >= len(model.names) - (is_free or may_be_free)


def tell(story: list[tuple[Any, ...]], is_early: bool, places: int) -> Model:
    """Have a connection live through a story, to its end."""
    gateway = Gateway(guests=GuestPlaces(places, per_session=places, per_source=places))
    gateway.returns.until_s = 30.0 if is_early else 0.0
    model = Model(gateway)
    for event, *rest in story:
        if event == "closed":
            break
        getattr(model, event)(*rest)
    model.closed()
    model.closed()
    return model


def test_the_judge_of_the_law_tells_a_right_from_none() -> None:
    gateway = Gateway()
    model = Model(gateway)
    model.names = ["keyed"]
    assert not model.may_be_in(gateway.keyed[0])
    model.proved = [ProvedKey(OTHER)]
    assert not model.may_be_in(gateway.keyed[0])
    model.proved = [ProvedKey(MINE)]
    assert model.may_be_in(gateway.keyed[0])
    assert not model.may_be_in(gateway.named[0])
