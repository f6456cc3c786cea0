"""The alerts and the dashboard, with Debian's Prometheus: it scrapes a real gateway and answers each panel."""

from __future__ import annotations

import json
import socket
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.terminal import eventually
from tests.e2e.world import World
from tests.integration.nats_server import open_nats_server
from tests.nightly.machine import ROOT, needs

pytestmark = needs("prometheus", "promtool", "nats-server")

MONITORING = ROOT / "packaging" / "monitoring"

_CONFIG = """\
global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: [RULES]
scrape_configs:
  - job_name: pairterm
    static_configs: [{targets: ["127.0.0.1:PORT"]}]
"""


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@pytest.fixture
def asked(world: World, tmp_path: Path) -> Iterator[str]:
    """Start a gateway of a service with a guest, and Prometheus; yield the address of Prometheus."""
    with open_nats_server(tmp_path) as nats:
        yield started(world, nats.url)


def started(world: World, nats: str) -> str:
    scraped, served = free_port(), free_port()
    world.run("gateway", "cluster-key", str(world.root / "secret"))
    cluster = f'[cluster]\nnats = ["{nats}"]\nsecret_file = "{world.root}/secret"\n'
    (world.root / "gateway.toml").write_text(f"metrics_port = {scraped}\n{cluster}")
    world.serve("--config", str(world.root / "gateway.toml"))
    world.ssh(world.new("ours").ro).sees("here$")
    config = world.root / "prometheus.yml"
    config.write_text(
        _CONFIG.replace("RULES", str(MONITORING / "pairterm-alerts.yml")).replace("PORT", str(scraped)),
    )
    world.start(
        "prometheus", f"--config.file={config}", f"--storage.tsdb.path={world.root / 'tsdb'}",
        f"--web.listen-address=127.0.0.1:{served}", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    return f"http://127.0.0.1:{served}/api/v1"


def answer(url: str, **query: str) -> Any:
    try:
        with urllib.request.urlopen(f"{url}?{urllib.parse.urlencode(query)}", timeout=10) as found:
            return json.load(found)["data"]
    except OSError:
        return {}


def run(*argv: str | Path) -> None:
    done = subprocess.run(argv, capture_output=True, text=True, check=False, cwd=MONITORING)
    assert done.returncode == 0, done.stdout + done.stderr


def test_there_are_six_alerts_and_each_fires_when_it_shall() -> None:
    text = (MONITORING / "pairterm-alerts.yml").read_text(encoding="utf-8")
    assert text.count("- alert: ") == 6
    run("promtool", "check", "rules", "pairterm-alerts.yml")
    run("promtool", "test", "rules", "pairterm-alerts.test.yml")


def test_prometheus_answers_each_panel_and_takes_the_rules(asked: str) -> None:
    panels = json.loads((MONITORING / "pairterm-dashboard.json").read_text(encoding="utf-8"))["panels"]
    questions = [target["expr"] for panel in panels for target in panel["targets"]]
    assert len(questions) > 10
    for question in questions:
        told = question.replace("$job", "pairterm").replace("$__rate_interval", "30s")
        eventually(lambda told=told: answer(f"{asked}/query", query=told).get("result"), told, deadline_s=60)  # type: ignore[misc]
    rules = answer(f"{asked}/rules")["groups"][0]["rules"]
    eventually(
        lambda: {each["health"] for each in answer(f"{asked}/rules")["groups"][0]["rules"]} == {"ok"}, str(rules)
    )
    assert answer(f"{asked}/alerts") == {"alerts": []}
