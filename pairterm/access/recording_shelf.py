"""Which recordings a gateway keeps for its page: by whom, how much, how long, and what opens them.

A recording takes its room when its upload begins, so that two uploads at a time can't
exceed the limits together. It opens only when it is whole, and only by its token, of which the
gateway knows the SHA-256. An owner sees and revokes only their own. No I/O, no clock; times
are seconds since 1970.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from pairterm.errors import UsageError
from pairterm.session.durations import duration_text

__all__ = ["MAX_OF_OWNER", "RecordingShelf", "SharedRecording"]

MAX_OF_OWNER = 1000
"""The most recordings of one owner: files cost more than their bytes."""

_ID_CHARS = 12


class SharedRecording(msgspec.Struct, frozen=True, kw_only=True):
    """One recording, as its gateway knows it."""

    token_hash: bytes
    owner: str
    """The id of the owner, as of the owner of a session."""
    name: str
    size_bytes: int
    expires_s: int

    @property
    def id(self) -> str:
        """What its owner calls it when they revoke it: the beginning of the token's hash. It opens nothing."""
        return self.token_hash.hex()[:_ID_CHARS]


class RecordingShelf:
    """The recordings of one gateway."""

    def __init__(self, *, max_bytes: int, max_bytes_of_owner: int, max_age_s: int) -> None:
        self._max_bytes = max_bytes
        self._max_bytes_of_owner = max_bytes_of_owner
        self._max_age_s = max_age_s
        self._recordings: dict[bytes, SharedRecording] = {}
        self._whole: set[bytes] = set()

    def begin(self, recording: SharedRecording, now_s: float) -> None:
        """Give a recording its room: an upload begins.

        Raises:
            UsageError: It is too large, or is to be kept for too long.
        """
        own = [each for each in self._recordings.values() if each.owner == recording.owner]
        if recording.expires_s - now_s > self._max_age_s + 1:
            raise UsageError(
                f"this gateway keeps recordings for {duration_text(self._max_age_s)} at most: say --expires",
                code="expires",
            )
        if recording.expires_s <= now_s or recording.size_bytes <= 0:
            raise UsageError("there is nothing to keep", code="usage")
        if recording.token_hash in self._recordings or any(each.id == recording.id for each in own):
            raise UsageError("this recording is there already", code="exists")
        if len(own) >= MAX_OF_OWNER:
            raise UsageError(f"you have {len(own)} recordings here: revoke some", code="quota")
        left = self._max_bytes_of_owner - sum(each.size_bytes for each in own)
        if recording.size_bytes > left:
            raise UsageError(
                f"the recording has {_mib(recording.size_bytes)}, and you have {_mib(max(0, left))} left of "
                f"{_mib(self._max_bytes_of_owner)} here: revoke another, or share a part (pairterm export --from --to)",
                code="quota",
            )
        if recording.size_bytes > self._max_bytes - self.size_bytes:
            raise UsageError("this gateway's room for recordings is full: ask its operator", code="full")
        self._recordings[recording.token_hash] = recording

    def finish(self, recording: SharedRecording) -> None:
        """Let the token open it: it is whole."""
        self._whole.add(recording.token_hash)

    def restore(self, recordings: Iterable[SharedRecording]) -> None:
        """Take whole recordings that were there before the gateway started. They count, whatever the limits are now."""
        for each in recordings:
            self._recordings[each.token_hash] = each
            self._whole.add(each.token_hash)

    def match(self, kept: Iterable[SharedRecording]) -> None:
        """Take exactly these as the whole recordings: another worker of the gateway may have kept or removed some."""
        found = {each.token_hash: each for each in kept}
        for key in self._whole - found.keys():
            del self._recordings[key]
        self._whole = set(found)
        self._recordings |= found

    @property
    def size_bytes(self) -> int:
        """The size of all recordings, with those under way."""
        return sum(each.size_bytes for each in self._recordings.values())

    @property
    def hashes(self) -> frozenset[bytes]:
        """The tokens' hashes of the recordings that are whole."""
        return frozenset(self._whole)

    def find(self, token_hash: bytes, now_s: float) -> SharedRecording | None:
        """Return the recording that a token opens; None: it opens none, or its time is over."""
        found = self._recordings.get(token_hash)
        return found if found is not None and token_hash in self._whole and found.expires_s > now_s else None

    def of(self, owner: str, now_s: float) -> list[SharedRecording]:
        """Return an owner's recordings, the one that expires first before the others."""
        own = [each for each in self._recordings.values() if each.owner == owner and self.find(each.token_hash, now_s)]
        return sorted(own, key=lambda each: (each.expires_s, each.id))

    def named(self, owner: str, recording_id: str, now_s: float) -> SharedRecording:
        """Return an owner's recording by its id.

        Raises:
            UsageError: They have none with this id.
        """
        for each in self.of(owner, now_s):
            if each.id == recording_id:
                return each
        raise UsageError(f"you have no recording {recording_id} here: 'share-recording --list' shows yours", code="id")

    def expired(self, now_s: float) -> list[SharedRecording]:
        """Return the recordings whose time is over."""
        return [each for key, each in self._recordings.items() if key in self._whole and each.expires_s <= now_s]

    def remove(self, recording: SharedRecording) -> None:
        """Forget a recording, whole or not, and free its room."""
        self._recordings.pop(recording.token_hash, None)
        self._whole.discard(recording.token_hash)


def _mib(size_bytes: int) -> str:
    return f"{size_bytes / (1 << 20):.1f} MiB"
