"""The end of a spoken code: a gateway says that wrong words were tried too often, or that it has too many codes."""

from __future__ import annotations

from pairterm.access.invitations import InvitationTable
from pairterm.session.effects import Note

__all__ = ["end_spoken_code"]


def end_spoken_code(invitations: InvitationTable, nameplate: str, *, is_refused: bool) -> tuple[Note, str] | None:
    """End the code of a nameplate. Return the event, and a line for the owner; None: there is no such code.

    `is_refused`: the gateway did not accept the code.
    """
    link = invitations.kill_spoken(nameplate)
    if link is None:
        return None
    event = Note("link-refused" if is_refused else "link-tried-too-often", {"link": link.number})
    why = "the gateway has too many codes" if is_refused else "wrong words were tried too often"
    return event, (
        f"link {link.number}: {why}, its spoken code no longer opens the session; "
        "'pairterm link new --spoken' makes another"
    )
