"""Recordings as people use them: two typists, windows, pauses with secrets, a killed recorder, and the player."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

from pairterm.types import Size
from tests.e2e.terminal import eventually
from tests.e2e.test_windows import prefixed, works
from tests.e2e.world import World
from tests.judge import judge_or_skip

SECRETS = ("canary-paused", "canary-hidden", "canary-held", "canary-title")
SIZE = Size(rows=24, cols=90)

ROOT = Path(__file__).resolve().parents[2]


def recording(world: World, path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def test_a_session_of_two_is_recorded_and_played(town: World) -> None:
    """Nothing of a pause, of a hidden window or of a held recording is anywhere in the file or in its exports."""
    file = town.root / "pair.cast"
    links = town.new("pair", options=("--record", str(file)))
    eventually(lambda: '"o"' in recording(town, file), "nothing was recorded")
    owner = town.attach("pair", "--as", "ada", size=SIZE)
    guest = town.ssh(links.rw, size=SIZE)
    guest.sees("this session is recorded")
    for each in (owner, guest):
        each.sees("here$")
    works(owner, "first")
    works(guest, "second")
    eventually(lambda: "second-42" in recording(town, file), "what the guest did was not recorded")

    town.run("pause", "-t", "pair")
    guest.sees("paused by the owner")
    owner.enter(r"printf '\033]2;canary-%s\007canary-%s\n' title paused; read -r x; printf '\033]2;\007'; clear")
    owner.sees("canary-paused")
    owner.keys("Enter")
    owner.wait(lambda screen: "canary" not in screen, "the secret never left the screen")
    town.run("pause", "-t", "pair", "--off")
    works(owner, "third")
    eventually(lambda: "third-42" in recording(town, file), "the recording did not go on after the pause")

    prefixed(owner, "c")
    owner.sees("here$")
    works(owner, "fourth")
    eventually(lambda: "fourth-42" in recording(town, file), "the second window was not recorded")
    town.run("set-window", "hidden", "on", "-t", "pair:1")
    owner.enter("echo canary-$(echo hidden)")
    owner.sees("canary-hidden\n")
    prefixed(owner, "p")
    works(owner, "fifth")
    eventually(lambda: "fifth-42" in recording(town, file), "the first window was not recorded again")

    town.run("record", "-t", "pair", "--pause")
    owner.enter("echo canary-$(echo held); read -r x; clear")
    owner.sees("canary-held\n")
    owner.keys("Enter")
    owner.wait(lambda screen: "canary" not in screen, "the secret never left the screen")
    town.run("record", "-t", "pair", "--resume")
    works(guest, "again")
    # Only what differs from the last picture is written: that had "fifth-42" in the same place.
    eventually(
        lambda: "again" in recording(town, file).partition("recording goes on")[2], "the recording did not go on"
    )
    town.run("record", "-t", "pair", "--off")
    eventually(lambda: '"last ' in recording(town, file), "the recording has no end")

    assert "whole and unaltered" in town.run("recordings", "verify", str(file)).stdout
    has_page = (ROOT / "pairterm" / "web_page" / "play.html").exists()
    forms = ["txt", "svg", "json", "cast2", "transcript", *(["html"] if has_page else [])]
    exports = [town.run("export", str(file), "--format", each).stdout for each in forms]
    found = [file.read_text(encoding="utf-8"), *exports]
    secrets = [*SECRETS, links.rw.user, links.ro.user, "127.0.0.1"]
    assert [each for each in secrets for text in found if each in text] == []
    told = json.loads(found[3])
    assert {each["name"] for each in told["typed"]} == set(told["people"]) == {"ada", "guest-1"}
    assert "again-42" in found[1]

    old = town.root / "old.cast"
    old.write_text(exports[forms.index("cast2")], encoding="utf-8")
    town.run_any("sh", "-c", f"setsid asciinema play -i 0.001 -s 1000 {old} > {old}.bytes")
    shown = judge_or_skip().show(Path(f"{old}.bytes").read_bytes(), SIZE).frame
    assert [row.text.rstrip() for row in shown.rows if row.text.strip()] == found[1].rstrip("\n").split("\n")

    player = town.terminal(["pairterm", "play", str(file)], SIZE)
    player.sees(">")
    player.keys("End")
    player.sees("again-42")
    player.type("/fifth-42\n")
    player.wait(
        lambda screen: "||" in screen and "fifth-42" in screen and "again-42" not in screen, "nothing was found"
    )
    player.keys("q")
    player.has_exited()
    town.run("kill", "-t", "pair")


def test_the_owner_goes_back_in_time_while_the_session_goes_on(town: World) -> None:
    links = town.new("back")
    owner, guest = town.attach("back", size=SIZE), town.ssh(links.rw, size=SIZE)
    for each in (owner, guest):
        each.sees("here$")
    prefixed(owner, "<")
    owner.sees("only a session that is recorded can go back in time")
    file = town.root / "back.cast"
    town.run("record", "-t", "back", str(file))
    eventually(lambda: '"o"' in recording(town, file), "nothing was recorded")
    works(owner, "first")
    eventually(lambda: "first-42" in recording(town, file), "what the owner did was not recorded")
    prefixed(owner, "<")
    owner.sees(" 1x ")
    works(guest, "second")
    owner.keys("Space", "Home")
    owner.wait(lambda screen: "||" in screen and "first-42" not in screen, "back at the beginning")
    owner.keys("End")
    owner.sees("second-42")
    owner.keys("q")
    owner.wait(lambda screen: "second-42" in screen and " 1x " not in screen, "live again")
    works(owner, "third")
    guest.sees("third-42")

    late = town.ssh(links.ro, size=SIZE)
    late.sees("third-42")
    prefixed(late, "<")
    late.sees("the owner lets nobody go back in time")
    town.run("set", "-t", "back", "replay", "on")
    prefixed(late, "<")
    late.sees(" 1x ")
    late.keys("Home", "Up", "Up")
    late.wait(lambda screen: " 4x " in screen and "third-42" not in screen, "at the beginning, four times as fast")
    late.sees("third-42")
    works(guest, "fourth")
    late.sees("fourth-42")
    late.keys("q")
    late.wait(lambda screen: "fourth-42" in screen and " 4x " not in screen, "live again")
    prefixed(late, "<")
    late.sees(" 1x ")
    late.keys("Space", "Home")
    late.wait(lambda screen: "||" in screen and "first-42" not in screen, "back at the beginning")
    town.run("pause", "-t", "back")
    late.wait(lambda screen: "paused by the owner" in screen and "||" not in screen, "a pause ends a replay")
    town.run("pause", "-t", "back", "--off")
    late.sees("fourth-42")
    owner.enter("echo fi$(echo fth)")
    late.sees("fifth")
    town.run("kill", "-t", "back")


def test_a_killed_recorder_is_followed_by_another(town: World) -> None:
    """Nobody waits for it, the file so far is whole until its last seal, and the next file goes on."""
    file = town.root / "killed.cast"
    town.new("killed", options=("--record", str(file)))
    owner = town.attach("killed", size=SIZE)
    owner.sees("here$")
    works(owner, "before")
    eventually(lambda: '"h"' in recording(town, file).partition("before-42")[2], "nothing was sealed")
    (recorder,) = [each for each in town.processes() if each.runs("pairterm.recorder")]
    os.kill(recorder.pid, signal.SIGKILL)
    works(owner, "during")
    following = town.root / "killed-2.cast"
    eventually(lambda: "during-42" in recording(town, following), "no next file")
    owner.sees("killed-2.cast")
    town.run("kill", "-t", "killed")
    eventually(lambda: '"last ' in recording(town, following), "the next file has no end")
    town.ends("killed")
    assert town.log().count("told the owner: the recorder ended unexpectedly") == 1, "a recorder begins as all ends"
    assert "whole and unaltered" in town.run("recordings", "verify", str(following)).stdout
    cut = town.run("recordings", "verify", str(file), status=1).stderr
    assert "it has no end" in cut
    assert "before-42" in town.run("export", str(file), "--format", "txt").stdout
