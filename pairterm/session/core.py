"""A session: its screen, the size it has, and the people in its house. Events in, effects out.

Every method is synchronous, does no I/O, knows no clock (`now_s` is an argument,
monotonic seconds) and returns the effects that the host's actor carries out in
order. Who is in and who may type is the house's affair (see `house`), which is the
second of the two gates before the pty; the first is in the gateway. Law 6: a
read-only client's bytes never reach the pty, whatever they are, and whoever asks.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import islice
from typing import Literal

from pairterm.access.authorized_keys import KeyEntry
from pairterm.errors import UsageError
from pairterm.session.admission import Visitor
from pairterm.session.commands import DetachClients, KillSession, Rename, SendKeys, SetOption, ShowOptions
from pairterm.session.effects import (
    Announce,
    Closed,
    Effect,
    Note,
    Publish,
    Refuse,
    ResizePty,
    SetClipboard,
    Tell,
    Wake,
    WritePty,
)
from pairterm.session.house_options import HOUSE_OPTIONS, house_values, set_house_option
from pairterm.session.key_changes import take_keys
from pairterm.session.membership import House
from pairterm.session.options import option_values, with_option
from pairterm.session.orders import Outcome, Speaker, obey_house
from pairterm.session.parsing import parse_command
from pairterm.session.people import People
from pairterm.session.privacy import PrivacyScreen
from pairterm.session.rate_limits import SLOW_DOWN
from pairterm.session.sizes import SizeRule, Verdict, Voter, decide
from pairterm.terminal import Terminal
from pairterm.terminal.events import ClipboardWrite
from pairterm.terminal.excerpt import CapturedLines, HistoryLines
from pairterm.terminal.frame import Frame
from pairterm.types import Attendance, Attendee, ClientId, Role, Size

__all__ = ["MAX_CLIENTS", "SessionCore"]

MAX_CLIENTS = 1000
"""Clients of one session: a lecture hall, and a bound on what a link peer can grow."""

_MAX_ATTENDEES = 100
"""People named in an attendance; a status line shows a handful, and 500 observers are a number."""

_RESIZE_INTERVAL_S = 0.1
"""Least time between two sizes told to the program: dragging a window's edge sends dozens a second,
and each makes the program draw everything anew."""

_SYNCHRONISED_LIMIT_S = 0.15
"""How long a program may hold its picture back (DECSET 2026) before it is shown all the same."""

_KILLED_STATUS = 129
"""128 + SIGHUP: what a shell says of a command that its terminal left."""


class SessionCore:
    """The decisions of one session."""

    def __init__(self, *, house: House, size: Size, history_lines: int = 10_000, rule: SizeRule | None = None) -> None:
        self.name = house.name
        self.term = ""
        """TERM inside the session: in whose spelling keys are sent."""
        self.house = house
        self._terminal = Terminal(size, history_lines=history_lines)
        self._rule = rule or SizeRule()
        self._typist: ClientId | None = None
        self._turns = 0
        self._size_by = ""
        self._resized_s = float("-inf")
        self._synchronised_until_s: float | None = None
        self._woken_s = float("inf")
        self._screens = PrivacyScreen()
        self._is_closed = False

    @property
    def people(self) -> People:
        """Those who are in."""
        return self.house.people

    @property
    def size(self) -> Size:
        """The size that the screen and the program have."""
        return self._terminal.size

    @property
    def verdict(self) -> Verdict:
        """What the policy says for the clients attached now; `size` follows within 0.1 s."""
        voters = [Voter(each.name, each.role, each.size, each.turn) for each in self.people.values()]
        return decide(self._rule, voters, last=self.size)

    @property
    def attendance(self) -> Attendance:
        """Who is here, for those who are."""
        people = tuple(Attendee(each.name, each.role) for each in islice(self.people.values(), _MAX_ATTENDEES))
        typist = self.people.get(self._typist)
        typed_last = typist.name if typist is not None else ""
        return Attendance(people, len(self.people), typed_last, self._size_by, self.house.status_note)

    def frame(self) -> Frame:
        """Return the newest picture; the same object while nothing changed."""
        frame = self._terminal.snapshot()
        if not self._screens.shift:
            return frame
        return self._screens.shifted(frame)

    def frame_for(self, clients: Collection[ClientId]) -> Frame:
        """Return what these clients, who share a link, may see: in a pause a blank, unless all are the owner's."""
        self._screens.turn(is_off=self.house.is_paused)
        frame = self.frame()
        return self._screens.blank(frame) if self.hides_from(clients) else frame

    def generation_for(self, clients: Collection[ClientId]) -> int:
        """Return the generation of `frame_for`, or one more where what was fed changed no picture.

        O(1) but in a pause.
        """
        self._screens.turn(is_off=self.house.is_paused)
        if self.house.is_paused:
            return self.frame_for(clients).generation
        return self._terminal.generation + self._screens.shift

    def hides_from(self, clients: Collection[ClientId]) -> bool:
        """Return whether these clients, who share a link, may not see the session now."""
        return self.house.is_paused and not self.are_owners(clients)

    def are_owners(self, clients: Collection[ClientId]) -> bool:
        """Return whether each of these clients is the owner."""
        people = [self.people.get(each) for each in clients]
        return all(each is not None and each.role is Role.OWNER for each in people)

    def feed(self, data: bytes, now_s: float) -> list[Effect]:
        """Take in what the program printed."""
        self._terminal.feed(data)
        effects: list[Effect] = []
        clipboard = [each.data for each in self._terminal.take_events() if isinstance(each, ClipboardWrite)]
        if clipboard:
            effects.append(SetClipboard(clipboard[-1]))
        replies = self._terminal.take_replies()
        if replies:
            effects.append(WritePty(replies))
        if not self._terminal.is_synchronised:
            self._synchronised_until_s = None
            effects.append(Publish())
        elif self._synchronised_until_s is None:
            self._synchronised_until_s = now_s + _SYNCHRONISED_LIMIT_S
            effects.append(Wake(self._synchronised_until_s))
        return effects

    @property
    def may_publish(self) -> bool:
        """False while the program holds its picture back in the middle of a drawing."""
        return self._synchronised_until_s is None

    def join(self, client: ClientId, visitor: Visitor, size: Size, now_s: float) -> list[Effect]:
        """Let a client in, have it knock, or refuse it."""
        if self._is_closed:
            return [Refuse(client, "no_session", "no such session, or the link has ended")]
        if len(self.people) >= MAX_CLIENTS:
            return [Refuse(client, "full", f"{self.name} is full: {MAX_CLIENTS} clients are attached")]
        effects = self.house.join(client, visitor, size, now_s)
        return self._followed([*effects, Publish()], now_s)

    def leave(self, client: ClientId, now_s: float, *, may_return: bool = False) -> list[Effect]:
        """Take note that a client is gone. One who never came is no error: its refusal may be on the way.

        `may_return`: its link was lost, not left, so it may come back as it was.
        """
        if self._is_closed:
            return []
        if self._typist == client:
            self._typist = None
        return self._followed(self.house.leave(client, now_s, may_return=may_return), now_s)

    def resize(self, client: ClientId, size: Size, now_s: float) -> list[Effect]:
        """Take note of a client's new terminal size."""
        if client in self.people:
            self.people.change(client, size=size)
        else:
            self.house.resize_waiting(client, size)
        return self._settle_size(now_s)

    def input(self, client: ClientId, data: bytes, now_s: float) -> list[Effect]:
        """Take what a client typed: the one way from a person to the pty.

        b"" comes from a gateway whose gate was closed: something was typed, and the person may be told why not.
        """
        if self._is_closed:
            return []
        admitted, effects = self.house.admit_input(client, data, now_s)
        if admitted:
            if not effects and self._typist == client:
                return [WritePty(admitted)]
            effects = [WritePty(admitted), *effects]
            if self._typist != client:
                # Who types now comes after all others in the order of the latest, until another one types.
                self._typist = client
                self._turns += 1
                self.people.change(client, turn=self._turns)
                effects += [*self._settle_size(now_s), Announce()]
        return [*effects, *self._wake()] if effects else effects

    def command(self, client: ClientId, line: str, now_s: float) -> list[Effect]:
        """Carry out what a client says in words, as far as its role goes."""
        if self.house.is_at_door(client) and not self._is_closed:
            return self._command_at_door(client, line, now_s)
        person = self.people.get(client)
        if person is None or self._is_closed:
            return []
        patience = self.house.patience
        if person.role is not Role.OWNER and not patience.hears(client, now_s):
            return [Tell(client, SLOW_DOWN)] if patience.tells(client, now_s) else []
        try:
            outcome = self._obey(line, Speaker(client, person.role), now_s)
        except UsageError as error:
            return [Tell(client, error.message)]
        answer = (
            [
                Tell(
                    client,
                    outcome.answer,
                    outcome.title,
                    outcome.items,
                    outcome.copies,
                    outcome.confirms,
                    outcome.starts_at_end,
                )
            ]
            if outcome.answer and client in self.people
            else []
        )
        return [*self._followed(outcome.effects, now_s), *answer]

    def _command_at_door(self, client: ClientId, line: str, now_s: float) -> list[Effect]:
        """Take the one thing that somebody who waits at the door may say: their name."""
        try:
            match parse_command(line):
                case Rename(name, ""):
                    return self._followed(self.house.name_newcomer(client, name, now_s), now_s)
        except UsageError:
            pass
        return [Tell(client, "wait until you are in")]

    def owner_command(self, line: str, now_s: float) -> tuple[list[Effect], str]:
        """Carry out what the owner's command line says; return the effects and the answer.

        Raises:
            UsageError: It can't be done; nothing is.
        """
        outcome = self._obey(line, Speaker(None, Role.OWNER), now_s)
        return self._followed(outcome.effects, now_s), outcome.answer

    def take_keys(self, entries: Sequence[KeyEntry], now_s: float, *, is_final: bool) -> list[Effect]:
        """Take the keys that come in from now on; with `is_final` show out those who came by one that is gone."""
        if self._is_closed:
            return []
        return self._followed(take_keys(self.house, entries, now_s, is_final=is_final), now_s)

    def _obey(self, line: str, speaker: Speaker, now_s: float) -> Outcome:
        match parse_command(line):
            case ShowOptions():
                values = option_values(self._rule) | house_values(self.house)
                return Outcome([], "; ".join(f"{name} {value}" for name, value in values.items()))
            case SetOption() | KillSession() | SendKeys() | DetachClients() if speaker.role is not Role.OWNER:
                raise UsageError("only the owner may do this", code="not_allowed")
            case SetOption(name, value):
                return self._set(name, value, speaker, now_s)
            case KillSession():
                return Outcome(self.kill())
            case SendKeys(words):
                # Here, not at the top: it loads the names of keys, which a host does not need otherwise.
                from pairterm.session.sent_keys import bytes_of_words

                return Outcome([WritePty(bytes_of_words(words, modes=self.frame().modes, term=self.term))])
            case DetachClients():
                return Outcome(self._detach_owners(speaker, now_s))
            case command:
                return obey_house(self.house, command, speaker, now_s)

    def _detach_owners(self, speaker: Speaker, now_s: float) -> list[Effect]:
        """Detach the owner's terminals but the one that says so."""
        owners = [each for each, person in self.people.items() if person.role is Role.OWNER and each != speaker.client]
        text = f"[detached from {self.name}]"
        return [effect for each in owners for effect in self.house.show_out(each, "detached", text, now_s)]

    def _set(self, name: str, value: str, speaker: Speaker, now_s: float) -> Outcome:
        if name in HOUSE_OPTIONS:
            effects = set_house_option(self.house, name, value, speaker.client, now_s)
            return Outcome([*effects, Announce()], f"{name} {house_values(self.house)[name]}")
        self._rule = with_option(self._rule, name, value)
        return Outcome([Announce()], f"{name} {option_values(self._rule)[name]}")

    def history_for(self, client: ClientId, start: int, stop: int, place: int | None = None) -> HistoryLines:
        """Return the history as far as this client may see it: in a pause nothing, unless it is the owner's."""
        if self.hides_from([client]):
            return HistoryLines(self.frame().scrolled if place is not None else start, [], [], 0)
        return self._terminal.history_lines(start, stop, place)

    def capture(self, start: int, stop: int) -> CapturedLines:
        """Return lines of the history, and on through the screen, for the session's owner."""
        frame = self.frame()
        scrolled = frame.scrolled
        history = self._terminal.history_lines(min(start, scrolled), min(stop, scrolled))
        shown = frame.rows[max(0, start - scrolled) : max(0, stop - scrolled)]
        first = history.start if history.rows else max(start, scrolled)
        return CapturedLines(first, [*history.rows, *shown], scrolled - history.kept, scrolled, frame.size)

    def kill(self, status: int = _KILLED_STATUS) -> list[Effect]:
        """End the session because its owner says so, with this status."""
        return self._close("killed", status, f"[{self.name} killed]")

    def finish(self, status: int) -> list[Effect]:
        """End the session because its command ended, with this status."""
        return self._close("ended", status, f"[{self.name} ended]")

    def tick(self, now_s: float) -> list[Effect]:
        """Do what is due: a held-back picture, a held-back size, what the house has to do."""
        effects: list[Effect] = []
        if self._synchronised_until_s is not None and now_s >= self._synchronised_until_s:
            self._terminal.end_synchronised()
            self._synchronised_until_s = None
            effects.append(Publish())
        if now_s >= self._woken_s:
            self._woken_s = float("inf")
        due_s = self.house.due_s
        if due_s is not None and now_s >= due_s and not self._is_closed:
            effects += self.house.tick(now_s)
        return self._followed(effects, now_s)

    def _close(self, reason: Literal["ended", "killed"], status: int, text: str) -> list[Effect]:
        if self._is_closed:
            return []
        self._is_closed = True
        self.people.clear()
        return [Note("end", {"reason": reason, "status": status}), Closed(reason, status, text)]

    def _followed(self, effects: list[Effect], now_s: float) -> list[Effect]:
        """Return the effects with what follows from them: another size, another time to wake."""
        return [*effects, *self._settle_size(now_s), *self._wake()]

    def _wake(self) -> list[Effect]:
        """Ask to be woken when the house has something to do, unless that is done already."""
        due_s = self.house.due_s
        if due_s is None or due_s >= self._woken_s or self._is_closed:
            return []
        self._woken_s = due_s
        return [Wake(due_s)]

    def _settle_size(self, now_s: float) -> list[Effect]:
        """Bring the screen and the program to the wanted size, or ask to be woken when that may be."""
        verdict = self.verdict
        if verdict.size == self.size or self._is_closed:
            return []
        due_s = self._resized_s + _RESIZE_INTERVAL_S
        if now_s < due_s:
            return [Wake(due_s)]
        self._resized_s = now_s
        self._size_by = verdict.by
        self._terminal.resize(verdict.size)
        note = Note("size", {"cols": verdict.size.cols, "rows": verdict.size.rows, "by": verdict.by})
        return [ResizePty(verdict.size), note, Announce(), Publish()]
