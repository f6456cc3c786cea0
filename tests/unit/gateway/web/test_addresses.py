from __future__ import annotations

import pytest

from pairterm.errors import UsageError
from pairterm.gateway.web.addresses import Origin, WebAddresses


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://Share.Example.org", "https://share.example.org"),
        ("https://share.example.org:443/", "https://share.example.org"),
        ("http://share.example.org:443", "http://share.example.org:443"),
        ("share.example.org", "https://share.example.org:8022"),
        ("share.example.org:444", "https://share.example.org:444"),
        ("https://[2001:DB8::1]:8443", "https://[2001:db8::1]:8443"),
        ("127.0.0.1:80", "https://127.0.0.1:80"),
    ],
)
def test_an_address_is_read_in_the_forms_that_people_write(text: str, shown: str) -> None:
    assert str(Origin.parse(text, scheme="https", port=8022)) == shown


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ftp://a",
        "https://",
        "https://a/b",
        "https://u@a",
        "https://a:0",
        "https://a:65536",
        "https://a#x",
        "a b",
        "*",
    ],
)
def test_another_form_is_an_error(text: str) -> None:
    with pytest.raises(UsageError, match="bad address"):
        Origin.parse(text, scheme="https")


def test_only_the_pages_own_origin_and_host_are_admitted() -> None:
    page = WebAddresses(Origin("https", "a.org", 443), "/pair", [Origin("https", "b.org", 8443)])
    assert page.url == "https://a.org/pair/"
    assert page.has_origin("https://a.org")
    assert page.has_origin("https://B.org:8443")
    assert page.has_host("A.org")
    assert page.has_host("b.org:8443")
    for origin in (None, "", "null", "http://a.org", "https://a.org:444", "https://a.org.evil.net", "https://b.org"):
        assert not page.has_origin(origin)
    for host in (None, "", "a.org:444", "b.org", "evil.net", "localhost"):
        assert not page.has_host(host)


def test_a_page_on_loopback_has_all_names_of_loopback_on_its_port() -> None:
    page = WebAddresses(Origin("http", "localhost", 8022), "/")
    assert all(page.has_origin(f"http://{each}:8022") for each in ("localhost", "127.0.0.1", "[::1]"))
    assert page.has_host("127.0.0.1:8022")
    assert not page.has_host("127.0.0.1:8023")
