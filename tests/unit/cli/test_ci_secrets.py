"""A session in a CI job: the variables that are secrets, and the hint about gateways."""

from __future__ import annotations

import pytest

from pairterm.cli.ci_secrets import looks_secret, take_out_secrets


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
