"""A session in a CI job: what ends it without a word of anybody, and which variables are secrets."""

from __future__ import annotations

import pytest

from pairterm.cli import foreground
from pairterm.cli.foreground import ForegroundRules, Watch, looks_secret, take_out_secrets
from pairterm.link.messages import ClientInfo, Info


@pytest.fixture
def killed(monkeypatch: pytest.MonkeyPatch) -> list[int | None]:
    """The statuses that sessions were ended with."""
    ended: list[int | None] = []
    monkeypatch.setattr(foreground, "kill_session", lambda name, *, status: ended.append(status))
    return ended


def job(ever: int = 0, now: int = 0) -> Info:
    clients = [ClientInfo(f"guest-{number}", "ro", 24, 80, 0.0) for number in range(now)]
    return Info("job", 1, 0.0, 24, 80, "bash", "", clients, None, "connected", guests_ever=ever)


def has_guests(monkeypatch: pytest.MonkeyPatch, ever: int, now: int = 0) -> None:
    monkeypatch.setattr(foreground, "ask_info", lambda name: job(ever, now))


def test_it_ends_when_nobody_has_come_in_time(monkeypatch: pytest.MonkeyPatch, killed: list[int | None]) -> None:
    watch = Watch(job(), ForegroundRules(wait_for_guest_s=600), 1000.0, reminds=False)
    has_guests(monkeypatch, ever=0)
    watch.look(1599.0)
    assert killed == []
    watch.look(1600.0)
    assert killed == [0]


def test_who_came_is_not_cut_off_by_the_wait(monkeypatch: pytest.MonkeyPatch, killed: list[int | None]) -> None:
    watch = Watch(job(), ForegroundRules(wait_for_guest_s=600, ends_when_empty=True), 1000.0, reminds=False)
    has_guests(monkeypatch, ever=2, now=1)
    watch.look(1599.0)
    watch.look(1_000_000.0)
    assert killed == []
    has_guests(monkeypatch, ever=2)
    watch.look(1_000_001.0)
    assert killed == [0]


@pytest.mark.parametrize(
    "name",
    [
        "GITHUB_TOKEN", "ACTIONS_RUNTIME_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN", "CI_JOB_TOKEN", "CI_JOB_JWT_V2",
        "CI_REGISTRY_PASSWORD", "CI_DEPLOY_PASSWORD", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
        "GOOGLE_APPLICATION_CREDENTIALS", "NPM_AUTH", "SENTRY_DSN", "SSH_PRIVATE_KEY", "OPENAI_API_KEY", "db_passwd",
        "GPG_PASSPHRASE", "SLACK_WEBHOOK_URL", "GH_PAT", "STRIPE_KEY",
    ],
)  # fmt: skip
def test_names_of_secrets(name: str) -> None:
    assert looks_secret(name, "x")


@pytest.mark.parametrize(
    "name",
    [
        "PATH", "HOME", "CI", "GITHUB_ACTOR", "GITHUB_REPOSITORY", "CI_COMMIT_AUTHOR", "SSH_AUTH_SOCK",
        "GIT_AUTHOR_NAME", "RUNNER_OS", "KEYBOARD", "PYTHONPATH", "GPG_KEY", "LANG",
    ],
)  # fmt: skip
def test_names_that_are_none(name: str) -> None:
    assert not looks_secret(name, "/some/path")


def test_a_password_in_a_url_is_a_secret_under_any_name() -> None:
    environment = {
        "CI_REPOSITORY_URL": "https://gitlab-ci-token:abc@gitlab.example/x.git",
        "DATABASE_URL": "postgres://:secret@db/x",
        "HOMEPAGE": "https://example.org:443/@name",
    }
    assert take_out_secrets(environment) == ["CI_REPOSITORY_URL", "DATABASE_URL"]
    assert list(environment) == ["HOMEPAGE"]
