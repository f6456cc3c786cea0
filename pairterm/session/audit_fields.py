"""The fields by which the audit log describes people. They never hold content or tokens."""

from __future__ import annotations

from pairterm.session.people import Origin, Person

__all__ = ["origin_fields", "person_fields"]


def origin_fields(origin: Origin) -> dict[str, str | int]:
    """Return what is known of an origin, besides its address."""
    fields: dict[str, str | int] = {"transport": origin.transport} if origin.transport else {}
    if origin.fingerprint:
        fields["key"] = origin.fingerprint
    if origin.link is not None:
        fields["link"] = origin.link
    return fields


def person_fields(person: Person) -> dict[str, str | int]:
    """Return what is known of a person."""
    fields: dict[str, str | int] = {"id": person.number, "name": person.name, "role": person.role.value}
    return fields | {"address": person.origin.address, **origin_fields(person.origin)}
