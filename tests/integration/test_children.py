"""Which children of a host are collected when they end, and at which cost. In a process of their own."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has subreapers")

PRELUDE = """
    import os, subprocess
    from pairterm.host import children

    scans = []
    processes = children.processes
    children.processes = lambda: scans.append(1) or processes()

    def start(line):
        return subprocess.Popen(["/bin/sh", "-c", line])

    def wait_for_the_end(pid):
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)  # It stays uncollected.

    def is_collected(pid):
        try:
            os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return True
        return False
"""


def run(script: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(PRELUDE) + textwrap.dedent(script)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_the_status_of_a_child_that_somebody_waits_for_is_not_lost() -> None:
    """The host collected a hook's process first, and the hook's failure read as status 0."""
    run("""
        with children.waited_for(lambda: start("exit 7")) as hook:
            wait_for_the_end(hook.pid)
            orphan = start("exit 3")
            wait_for_the_end(orphan.pid)
            children.collect_orphans([])
            assert is_collected(orphan.pid)
            assert not is_collected(hook.pid)
            assert hook.wait() == 7
    """)


def test_the_program_is_left_to_the_one_who_polls_it() -> None:
    run("""
        program, orphan = start("exit 5"), start("exit 3")
        wait_for_the_end(program.pid)
        wait_for_the_end(orphan.pid)
        children.collect_orphans([program.pid])
        assert is_collected(orphan.pid)
        assert program.wait() == 5
    """)


def test_no_list_of_processes_is_read_where_orphans_alone_have_ended() -> None:
    """All of /proc was read for each child that ended: a build starts thousands."""
    run("""
        living = start("exec sleep 60")
        orphans = [start("exit 3") for _ in range(20)]
        for each in orphans:
            wait_for_the_end(each.pid)
        children.collect_orphans([])
        children.collect_orphans([])
        assert all(is_collected(each.pid) for each in orphans)
        assert not is_collected(living.pid)
        assert not scans
        living.kill()
    """)


def test_nothing_is_collected_while_a_child_is_started() -> None:
    """A child may end before its id is known to be waited for."""
    run("""
        def slow():
            process = start("exit 7")
            wait_for_the_end(process.pid)
            children.collect_orphans([])
            return process

        with children.waited_for(slow) as hook:
            assert hook.wait() == 7
    """)
