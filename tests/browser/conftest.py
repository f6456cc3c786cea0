"""One Chromium and one gateway a process. The browser's windows are closed after each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser.browser import Browser, browser_or_skip
from tests.browser.web_gateway import Place, open_place
from tests.certificates import Authority


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """The certification authority that the browser trusts."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def chromium(authority: Authority) -> Iterator[Browser]:
    """The browser of all tests of this process."""
    browser = Browser(*browser_or_skip(), trusted_key=authority.key_hash())
    try:
        yield browser
    finally:
        browser.close()


@pytest.fixture
def browser(chromium: Browser) -> Iterator[Browser]:
    """The browser, whose windows are closed after the test."""
    yield chromium
    chromium.close_pages()


@pytest.fixture(scope="session")
def place() -> Iterator[Place]:
    """The gateway that most tests share; each makes sessions of its own in it."""
    with open_place() as opened:
        yield opened
