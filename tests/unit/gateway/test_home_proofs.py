"""Unit tests of the questions to a host whether it is there."""

from __future__ import annotations

from pairterm.gateway.hosts.home_proofs import HomeProofs
from pairterm.link.messages import HomeProved, ProveHome, ViewerMessage

NONCE = b"n" * 16


def test_a_gateway_that_asks_without_end_takes_no_answer_of_another() -> None:
    """Its questions pushed out those of others, whose guests were refused."""
    sent: list[ViewerMessage] = []
    proofs = HomeProofs(sent.append)
    honest: list[bytes] = []
    hostile: list[bytes] = []
    proofs.ask("honest", "home", NONCE, honest.append)
    (question,) = sent
    assert isinstance(question, ProveHome)
    for _ in range(500):
        proofs.ask("hostile", "home", NONCE, hostile.append)
    assert honest == []
    assert 400 < len(hostile) < 500
    assert set(hostile) == {b""}
    proofs.take(HomeProved(question.request, b"signed"))
    proofs.take(HomeProved(question.request, b"again"))
    assert honest == [b"signed"]
    proofs.end()
    assert len(hostile) == 500
