"""NatsBus is a `Bus`: mypy checks it here."""

from pairterm.gateway.bus.bus import Bus
from pairterm.gateway.bus.nats_bus import NatsBus


def test_the_bus_over_nats_has_all_that_a_bus_has() -> None:
    bus_type: type[Bus] = NatsBus
    assert bus_type is NatsBus
