"""The CI recipes, run as GitHub and GitLab run them: the files fit the public schemas, the scripts share a shell.

The scripts install pairterm into a venv of their own, and share through a gateway on another machine.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.e2e.terminal import DEADLINE_S, eventually
from tests.e2e.test_from_elsewhere import Elsewhere, make
from tests.e2e.world import Links, World

ROOT = Path(__file__).resolve().parents[2]

ACTION = ROOT / "action.yml"

GITLAB = ROOT / "ci" / "gitlab.yml"

INSTALL_S = 300.0
"""Most of it is the download of the libraries."""


def step() -> dict[str, Any]:
    """Return the one step of the action."""
    (found,) = yaml.safe_load(ACTION.read_text(encoding="utf-8"))["runs"]["steps"]
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize(
    ("schema", "path"),
    [
        ("vendor.github-actions", ACTION),
        ("vendor.github-workflows", ROOT / ".github" / "workflows" / "ci.yml"),
        ("vendor.gitlab-ci", GITLAB),
    ],
    ids=lambda each: str(each).rpartition("/")[2],
)
def test_a_file_fits_the_public_schema(schema: str, path: Path) -> None:
    argv = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(path)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=DEADLINE_S)
    assert done.returncode == 0, done.stdout


def test_action_tmates_settings_are_known() -> None:
    """So its users change only the line with `uses:`."""
    inputs = yaml.safe_load(ACTION.read_text(encoding="utf-8"))["inputs"]
    assert inputs.keys() >= {
        "limit-access-to-actor", "detached", "tmate-server-host", "tmate-server-port",
        "tmate-server-rsa-fingerprint", "tmate-server-ed25519-fingerprint",
    }  # fmt: skip
    assert not any(each.get("required") for each in inputs.values())


@pytest.mark.parametrize(
    ("limit", "is_private", "user"),
    [
        ("auto", "true", ""),
        ("auto", "false", "ana"),
        ("auto", "", "ana"),
        ("true", "true", "ana"),
        ("false", "false", ""),
    ],
)
def test_a_shell_of_a_public_repository_is_for_the_actor_alone(
    limit: str, is_private: str, user: str, tmp_path: Path
) -> None:
    (tmp_path / "ci").mkdir()
    probe = tmp_path / "ci" / "share-shell"
    probe.write_text(
        '#!/bin/sh\necho "$PAIRTERM_GATEWAY|$PAIRTERM_HOST_KEY|$PAIRTERM_KEY|${PAIRTERM_ONLY_USER:-}|${KEY:-}"\n'
    )
    probe.chmod(0o755)
    settings = {"LIMIT": limit, "IS_PRIVATE": is_private, "ACTOR": "ana", "PLACE": str(tmp_path)}
    given = {
        "GATEWAY": "vm",
        "PORT": "22",
        "HOST_KEY": "",
        "KEY": "",
        "PAIRTERM_HOST_KEY": "SHA256:x",
        "PAIRTERM_KEY": "k",
    }
    done = subprocess.run(
        ["sh", "-e", "-c", step()["run"]],
        env=settings | given | {"PATH": "/usr/bin:/bin"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == f"vm:22|SHA256:x|k|{user}|\n"


@pytest.fixture
def elsewhere(world: World) -> Any:
    yield from make(world)


def share(elsewhere: Elsewhere, argv: list[str], environment: dict[str, str]) -> None:
    """Run a job's script, join its shell as a guest, look around, and let the job go on."""
    world = elsewhere.world
    del world.environment["PAIRTERM_GATEWAY"]
    log = world.root / "job.log"
    environment |= {"CI": "true", "PIP_CACHE_DIR": str(Path.home() / ".cache" / "pip")}
    with log.open("wb") as out:
        job = world.start(*argv, environment=environment, stdout=out, stderr=subprocess.STDOUT)

    def is_shared() -> bool:
        assert job.poll() is None, log.read_text()
        return "host key:" in log.read_text()

    eventually(is_shared, lambda: f"no links: {log.read_text()}", deadline_s=INSTALL_S)
    guest = world.ssh(world.trust(Links.parse(world.run("links", "-t", "job", "--json").stdout)).rw)
    guest.wait(lambda screen: screen.rstrip().endswith(("#", "$")), "a prompt")
    guest.enter('echo "key:${PAIRTERM_KEY:-none}:${KEY:-none}:${PAIRTERM_GATEWAY:-none}:"')
    guest.sees("key:none:none:none:")
    guest.enter("pairterm continue")
    assert job.wait(DEADLINE_S) == 0, log.read_text()


@pytest.mark.slow
def test_the_github_action_shares_a_shell(elsewhere: Elsewhere) -> None:
    world = elsewhere.world
    key = (world.home / ".ssh" / "id_ed25519").read_text()
    environment = {
        "GATEWAY": "127.0.0.1",
        "PORT": str(elsewhere.wire.port),
        "HOST_KEY": elsewhere.fingerprint,
        "KEY": key,
        "LIMIT": "auto",
        "IS_PRIVATE": "true",
        "ACTOR": "ana",
        "PLACE": str(ROOT),
        "PAIRTERM_WAIT_FOR_GUEST": "10m",
        "PAIRTERM_TIMEOUT": "30m",
        "PAIRTERM_DETACHED": "false",
        "PAIRTERM_OPTIONS": "-s job",
    }
    assert environment.keys() == step()["env"].keys()
    (world.home / ".ssh" / "id_ed25519").unlink()
    share(elsewhere, [step()["shell"], "-e", "-c", step()["run"]], environment | {"RUNNER_TEMP": str(world.root)})


@pytest.mark.slow
def test_the_gitlab_template_shares_a_shell(elsewhere: Elsewhere) -> None:
    world = elsewhere.world
    template = yaml.safe_load(GITLAB.read_text(encoding="utf-8"))[".pairterm"]
    dist = world.root / "dist"
    argv = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(dist)]
    subprocess.run(argv, cwd=ROOT, check=True, capture_output=True, timeout=INSTALL_S)
    key = world.root / "key"
    (world.home / ".ssh" / "id_ed25519").rename(key)
    environment = template["variables"] | {
        "PAIRTERM_GATEWAY": f"127.0.0.1:{elsewhere.wire.port}",
        "PAIRTERM_HOST_KEY": elsewhere.fingerprint,
        "PAIRTERM_KEY": str(key),
        "PAIRTERM_WHEEL": str(next(dist.iterdir())),
        "PAIRTERM_OPTIONS": "-s job",
        "TMPDIR": str(world.root),
    }
    share(elsewhere, ["bash", "-e", "-c", "\n".join(template["script"])], environment)
