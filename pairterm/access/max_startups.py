"""The queue of connections that have not logged in: which may log in, which wait, which are dropped. Pure.

A connection that has not logged in either waits, unread, or holds a place and logs in.
Places are limited, in all and for each source. The next place goes to the source that
holds the fewest, so a crowd from one address delays only itself. `now_s` is an argument.

sshd's MaxStartups (`start:rate:full`) drops new connections at random. So a flood that holds
all places keeps everyone else out. This queue drops connections that hold a place without
using it. From `start` on, each new connection can take the place of a silent connection
of a more crowded source. The chance grows from `rate` percent to certainty at `full`.
At `full` a connection that has spoken can lose its place too. The time for a login
shrinks as places fill.

A place counts against its source's limit only for as long as a login takes on a slow network.
After that, the person compares the host key, and the place keeps nobody of the same source
out. A source that presented wrong links may begin as many logins as it has tries left
(`SourcePenalties.tries_left`). So it is slowed and its guesses are bounded, and a right
link still opens.
"""

from __future__ import annotations

import random
import re
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Iterator
from enum import Enum

import msgspec

from pairterm.access.counts import Counts
from pairterm.errors import UsageError

__all__ = ["Drop", "Login", "LoginQueue", "Startups", "Turn"]

_SILENT_GRACE_S = 0.5
"""A client sends its version at once. A client that has sent nothing for this long may lose its place."""

_SPOKEN_GRACE_S = 1.0
"""How long a client that has spoken keeps its place when all are held, and counts as busy logging in: five round
trips of 200 ms."""

_LEAST_LOGIN_S = 10.0
"""How long a login may take when all places are held."""

_WAIT_S = 20.0
"""How long a connection waits for a place before it is told to come again."""


class Startups(msgspec.Struct, frozen=True):
    """How many connections may log in at a time: sshd's MaxStartups."""

    start: int
    rate_percent: int
    full: int

    @classmethod
    def parse(cls, text: str | int) -> Startups:
        """Return what `START:RATE:FULL` says; a number alone is FULL, without early drops, as with sshd.

        Raises:
            UsageError: It says neither.
        """
        found = re.fullmatch(r"(\d{1,6})(?::(\d{1,3}):(\d{1,6}))?", str(text), re.ASCII)
        if found is not None:
            start, rate, full = (int(each) if each else 0 for each in found.groups())
            startups = cls(start, rate, full) if found[3] else cls(start, 100, start)
            if 1 <= startups.start <= startups.full and 1 <= startups.rate_percent <= 100:
                return startups
        raise UsageError(
            f"bad max_unauthenticated {text!r}: use START:RATE:FULL as in sshd's MaxStartups, e.g. 10:30:100",
            code="config",
        )

    def within(self, logins: int) -> Startups:
        """Return this, or what fits where all who log in or wait may be so many: half of them may log in."""
        if self.full < logins:
            return self
        full = max(1, logins // 2)
        return Startups(min(self.start, full), self.rate_percent, full)

    def drop_chance(self, count: int) -> float:
        """Return how likely a newcomer costs somebody a place when so many are held (sshd_config(5), MaxStartups)."""
        if count < self.start:
            return 0.0
        if count >= self.full:
            return 1.0
        rate = self.rate_percent / 100
        return rate + (1 - rate) * (count - self.start) / (self.full - self.start)

    def load(self, count: int) -> float:
        """Return how far from `start` (0.0) to `full` (1.0) the places are taken."""
        if count < self.start:
            return 0.0
        return min(1.0, (count - self.start) / max(1, self.full - self.start))


class Drop(Enum):
    """Why a connection is dropped."""

    CROWD = "crowd"
    """Too many wait, in all, or it waited too long."""
    CROWD_OF_SOURCE = "crowd-of-address"
    """Too many of its source wait."""
    PENALTY = "penalty"
    """Its source presented too many wrong links, and too many of its connections wait."""
    HALF_OPEN = "half-open"
    """It held a place without logging in, and had to make room."""
    SLOW = "slow-login"
    """It took longer to log in than the crowd allows."""


class Login(msgspec.Struct, eq=False):
    """A connection that has not logged in yet."""

    source: str
    since_s: float
    """Since when it waits; once it has a place, since when it has it."""
    has_spoken: bool = False
    """It has sent something. The acceptor updates this before each turn: always for connections that hold a place,
    and for those that wait if the queue `is_crowded`."""


class Turn(msgspec.Struct):
    """What changed: the connections that log in from now on, and those that are dropped."""

    begun: list[Login]
    dropped: list[tuple[Login, Drop]]


class LoginQueue:
    """The connections that have not logged in."""

    def __init__(
        self,
        startups: Startups,
        *,
        per_source: int,
        max_waiting: int,
        login_timeout_s: float,
        tries_left: Callable[[str, float], int],
        chance: random.Random | None = None,
    ) -> None:
        """Make an empty queue.

        Args:
            startups: How many may hold a place.
            per_source: How many of one source may be busy logging in.
            max_waiting: How many may wait, in all. One source may have half of them.
            login_timeout_s: How long a login may take while there is room.
            tries_left: See `SourcePenalties`.
            chance: Decides which connections are dropped early.
        """
        self._startups = startups
        self._most_of_source = max(per_source, startups.full // 2)
        self._per_source = per_source
        self._max_waiting = max_waiting
        self._login_timeout_s = login_timeout_s
        self._tries_left = tries_left
        self._chance = chance or random.Random()  # noqa: S311 -- an attacker gains nothing by foreseeing it
        self._places: dict[Login, None] = {}
        self._held: Counts[str] = Counts()
        self._parked: set[Login] = set()
        self._waiting: OrderedDict[str, OrderedDict[Login, None]] = OrderedDict()
        """By source. The source that was given a place last is at the end."""
        self._waiting_count = 0

    @property
    def waiting(self) -> Iterator[Login]:
        """The connections that wait for a place."""
        return (each for queue in self._waiting.values() for each in queue)

    @property
    def is_crowded(self) -> bool:
        """Whether too many wait: some of them are dropped at the next turn."""
        return self._waiting_count > self._max_waiting or any(
            len(each) > max(1, self._max_waiting // 2) for each in self._waiting.values()
        )

    @property
    def places(self) -> Iterable[Login]:
        """The connections that hold a place."""
        return self._places

    def has(self, login: Login) -> bool:
        """Return whether a connection still waits or logs in."""
        return login in self._places or login in self._parked or login in self._waiting.get(login.source, ())

    def arrive(self, login: Login) -> None:
        """Add a connection, which waits; call `turn` next."""
        self._waiting.setdefault(login.source, OrderedDict())[login] = None
        self._waiting_count += 1

    def leave(self, login: Login) -> None:
        """Remove a connection that has logged in or is gone. May be called again."""
        self._parked.discard(login)
        if login in self._places:
            self._give_back(login)
        elif login in self._waiting.get(login.source, ()):
            self._stop_waiting(login)

    def park(self, login: Login) -> None:
        """Take a connection's place while it waits for its session's host: it needs none (see `WaitingRoom`)."""
        if login in self._places:
            self._give_back(login)
            self._parked.add(login)

    def turn(self, now_s: float) -> Turn:
        """Give places to the connections that may have one, and drop the connections that have to go."""
        turn = Turn([], [])
        self._drop_slow(now_s, turn)
        busy = Counter(each.source for each in self._places if now_s < each.since_s + _SPOKEN_GRACE_S)
        while (login := self._next(busy, now_s)) is not None and self._make_room(login.source, now_s, turn):
            self._stop_waiting(login)
            login.since_s = now_s
            self._places[login] = None
            self._held.add(login.source)
            busy[login.source] += 1
            turn.begun.append(login)
        self._drop_waiting(now_s, turn)
        return turn

    def _give_back(self, login: Login) -> None:
        del self._places[login]
        self._held.remove(login.source)

    def _stop_waiting(self, login: Login) -> None:
        queue = self._waiting[login.source]
        del queue[login]
        self._waiting_count -= 1
        if queue:
            self._waiting.move_to_end(login.source)
        else:
            del self._waiting[login.source]

    def _next(self, busy: Counter[str], now_s: float) -> Login | None:
        """Return the connection that gets the next place: its source holds the fewest and may have one more."""
        fewest, found = self._startups.full + 1, None
        for source in self._waiting:
            held = self._held[source]
            if held >= fewest or busy[source] >= min(self._per_source, self._tries_left(source, now_s)):
                continue
            if held < self._most_of_source or self._silent(now_s, source):
                fewest, found = held, source
        return next(iter(self._waiting[found])) if found is not None else None

    def _make_room(self, newcomer: str, now_s: float, turn: Turn) -> bool:
        """Drop a connection if a new one of the source `newcomer` needs that; return whether there is a place now."""
        if self._held[newcomer] >= self._most_of_source:
            candidates = self._silent(now_s, newcomer)
        elif self._startups.drop_chance(len(self._places)) > self._chance.random():
            candidates = self._candidates(self._held[newcomer], now_s)
        else:
            candidates = []
        if candidates:
            victim = self._chance.choice(candidates)
            self._give_back(victim)
            turn.dropped.append((victim, Drop.HALF_OPEN))
        return len(self._places) < self._startups.full

    def _silent(self, now_s: float, source: str) -> list[Login]:
        """Return the connections of a source that have sent nothing for too long."""
        return [each for each in self._places if each.source == source and _is_silent(each, now_s)]

    def _candidates(self, held: int, now_s: float) -> list[Login]:
        """Return the connections that may be dropped for a source that holds so many.

        They are of the most crowded sources; silent ones go first.
        """
        found = [each for each in self._places if self._held[each.source] > held and _is_silent(each, now_s)]
        if not found and len(self._places) >= self._startups.full:
            found = [
                each
                for each in self._places
                if self._held[each.source] > held and now_s >= each.since_s + _SPOKEN_GRACE_S
            ]
        most = max((self._held[each.source] for each in found), default=0)
        return [each for each in found if self._held[each.source] == most]

    def _drop_slow(self, now_s: float, turn: Turn) -> None:
        """Drop connections that take too long to log in. The more places are held, the less time they have."""
        load = self._startups.load(len(self._places))
        allowed_s = self._login_timeout_s - load * max(0.0, self._login_timeout_s - _LEAST_LOGIN_S)
        for login in [each for each in self._places if now_s >= each.since_s + allowed_s]:
            self._give_back(login)
            turn.dropped.append((login, Drop.SLOW))

    def _drop_waiting(self, now_s: float, turn: Turn) -> None:
        """Drop connections that have waited too long, and those that are too many."""
        for login in self._late(now_s):
            turn.dropped.append((login, self._why(login.source, now_s, Drop.CROWD)))
            self._stop_waiting(login)
        most_of_one = max(1, self._max_waiting // 2)
        for source, queue in list(self._waiting.items()):
            for login in self._surplus([queue], len(queue) - most_of_one, now_s):
                turn.dropped.append((login, self._why(source, now_s, Drop.CROWD_OF_SOURCE)))
                self._stop_waiting(login)
        for login in self._surplus(list(self._waiting.values()), self._waiting_count - self._max_waiting, now_s):
            turn.dropped.append((login, self._why(login.source, now_s, Drop.CROWD)))
            self._stop_waiting(login)

    def _surplus(self, queues: list[OrderedDict[Login, None]], count: int, now_s: float) -> list[Login]:
        """Return `count` connections to drop: silent ones first, then the last of the longest queues.

        Silent connections that had the time to speak go before those that had not.
        """
        if count <= 0:
            return []
        ordered = [list(each) for each in queues]
        silent = [each for queue in ordered for each in queue if not each.has_spoken]
        self._chance.shuffle(silent)
        silent.sort(key=lambda each: not _is_silent(each, now_s))
        found = silent[:count]
        gone = set(found)
        left = [[each for each in queue if each not in gone] for queue in ordered]
        while len(found) < count:
            found.append(max(left, key=len).pop())
        return found

    def _late(self, now_s: float) -> list[Login]:
        return [each for each in self.waiting if now_s >= each.since_s + _WAIT_S]

    def _why(self, source: str, now_s: float, otherwise: Drop) -> Drop:
        return Drop.PENALTY if self._tries_left(source, now_s) <= 0 else otherwise


def _is_silent(login: Login, now_s: float) -> bool:
    """Return whether a connection has sent nothing although it had the time to."""
    return not login.has_spoken and now_s >= login.since_s + _SILENT_GRACE_S
