"""The supervisor keeps its children running and takes all of them with it."""

from __future__ import annotations

import errno
import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from retail.supervise import Child, Supervisor
from tests.support.servers import World

PROGRAM = """
import sys
from retail.supervise import Child, Supervisor
shell = ["/bin/sh", "-c"]
children = [
    Child("web.1", [*shell, f"{sys.argv[2]} # {sys.argv[1]}"]),
    Child("worker.1", [sys.executable, "-c", "import time; print('busy'); time.sleep(300)", sys.argv[1]]),
]
sys.exit(Supervisor(children, closers=[lambda: print("closed", flush=True)], grace=5).run())
"""


def run_until(supervisor: Supervisor, condition: Callable[[], object]) -> None:
    """Run in this (main) thread while another one waits for the condition and then asks to stop."""

    def watch() -> None:
        deadline = time.monotonic() + 15
        while not condition() and time.monotonic() < deadline:
            time.sleep(0.02)
        supervisor.stop()
        os.kill(os.getpid(), signal.SIGTERM)

    watcher = threading.Thread(target=watch)
    watcher.start()
    assert supervisor.run() == 0
    watcher.join()


def test_a_child_that_ends_is_started_again_after_a_pause_that_grows(tmp_path: Path) -> None:
    output = io.BytesIO()
    marks = tmp_path / "starts"
    note = f"import time; open({str(marks)!r}, 'a').write(f'{{time.monotonic()}}\\n')"
    crash = f"{note}; print('so far'); raise SystemExit(3)"
    supervisor = Supervisor([Child("worker.1", [sys.executable, "-c", crash])], output=output)
    run_until(supervisor, lambda: marks.exists() and len(marks.read_text().splitlines()) >= 3)
    times = [float(line) for line in marks.read_text().splitlines()]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert gaps[0] >= 1.0
    assert gaps[1] >= 2.0
    lines = output.getvalue().decode().splitlines()
    assert lines[:4] == [
        "worker.1 | so far",
        "countertop | worker.1 ended (exit code 3); starting it again in 1 s.",
        "worker.1 | so far",
        "countertop | worker.1 ended (exit code 3); starting it again in 2 s.",
    ]


class FastClock:
    """Forty seconds pass in one."""

    @staticmethod
    def monotonic() -> float:
        return 40 * time.monotonic()


def test_the_pause_is_never_longer_than_half_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    output = io.BytesIO()
    monkeypatch.setattr("retail.supervise.time", FastClock)
    monkeypatch.setattr("retail.supervise.STEADY_AFTER_S", 1e9)
    supervisor = Supervisor([Child("web.1", ["/bin/false"])], grace=1000, output=output)
    run_until(supervisor, lambda: output.getvalue().count(b"in 30 s") >= 2)
    pauses = [line.split()[-2] for line in output.getvalue().decode().splitlines() if "starting it again" in line]
    assert pauses[:7] == ["1", "2", "4", "8", "16", "30", "30"]


def test_a_child_that_ignores_the_signal_is_killed_after_the_grace(tmp_path: Path) -> None:
    output = io.BytesIO()
    stubborn = "import signal, time; signal.signal(15, signal.SIG_IGN); print('ready', flush=True); time.sleep(300)"
    order: list[str] = []
    supervisor = Supervisor(
        [Child("web.1", [sys.executable, "-c", stubborn])],
        closers=[lambda: order.append("redis"), lambda: order.append("postgres")],
        grace=0.5,
        output=output,
    )

    def stop_once_ready() -> None:
        while b"ready" not in output.getvalue():
            time.sleep(0.02)
        os.kill(os.getpid(), signal.SIGINT)

    before = set(children_of(os.getpid()))
    watcher = threading.Thread(target=stop_once_ready)
    watcher.start()
    began = time.monotonic()
    supervisor.run()
    watcher.join()
    assert time.monotonic() - began >= 0.5
    assert order == ["redis", "postgres"]
    assert b"web.1 did not stop in time and is ended now." in output.getvalue()
    assert set(children_of(os.getpid())) <= before


def test_every_closer_runs_even_if_one_fails() -> None:
    ran: list[int] = []

    def fail() -> None:
        raise OSError("the disk is gone")

    supervisor = Supervisor([], closers=[fail, lambda: ran.append(1)], output=io.BytesIO())
    supervisor.stop()
    with pytest.raises(ExceptionGroup) as raised:
        supervisor.run()
    assert [str(error) for error in raised.value.exceptions] == ["the disk is gone"]
    assert ran == [1]


class _FullDisk(io.BytesIO):
    """A log file whose disk is full until it isn't."""

    full = True

    def flush(self) -> None:
        if self.full:
            raise OSError(errno.ENOSPC, "No space left on device")


def test_a_log_that_cannot_be_written_stops_nothing_and_goes_on_once_there_is_room(tmp_path: Path) -> None:
    output, mark = _FullDisk(), tmp_path / "twice"
    script = f"echo first; sleep 0.3; touch {mark}; echo second; exec sleep 60"
    supervisor = Supervisor([Child("web.1", ["/bin/sh", "-c", script])], output=output)

    def make_room() -> bool:
        if mark.exists():
            output.full = False
        return b"second" in output.getvalue()

    run_until(supervisor, make_room)
    assert b"web.1 | second" in output.getvalue()
    assert b"starting it again" not in output.getvalue()


def test_a_socket_that_was_opened_before_is_inherited(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    say = f"import os, time; os.write({writing}, b'hello'); time.sleep(300)"
    supervisor = Supervisor([Child("web.1", [sys.executable, "-c", say], pass_fds=[writing])], output=io.BytesIO())
    heard: list[bytes] = []
    listener = threading.Thread(target=lambda: heard.append(os.read(reading, 5)))
    listener.start()
    run_until(supervisor, lambda: heard)
    listener.join()
    os.close(reading)
    os.close(writing)
    assert heard == [b"hello"]


def started(world: World, mark: str, web: str) -> subprocess.Popen[str]:
    program = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, mark, web], stdout=subprocess.PIPE, text=True, cwd=world.root
    )
    assert program.stdout is not None
    first = {program.stdout.readline(), program.stdout.readline()}
    assert first == {"web.1    | up\n", "worker.1 | busy\n"}
    return program


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def session_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[3])


def members(sessions: set[int]) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                if session_of(int(entry.name)) in sessions:
                    found.append(int(entry.name))
            except (FileNotFoundError, ProcessLookupError):
                continue
    return found


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_children_and_grandchildren_and_then_the_closers(
    world: World, tmp_path: Path, number: signal.Signals
) -> None:
    program = started(world, str(tmp_path), "sleep 300 & echo up; wait")
    sessions = {session_of(pid) for pid in children_of(program.pid)}
    assert len(sessions) == 2
    world.wait_for(lambda: len(members(sessions)) == 3)
    program.send_signal(number)
    rest = program.stdout.read()
    program.stdout.close()
    assert program.wait() == 0
    assert rest.splitlines()[-1] == "closed"
    assert members(sessions) == []


def test_killing_the_supervisor_kills_its_children(world: World, tmp_path: Path) -> None:
    program = started(world, str(tmp_path), "echo up; exec sleep 300")
    sessions = {session_of(pid) for pid in children_of(program.pid)}
    world.wait_for(lambda: len(members(sessions)) == 2)
    program.kill()
    program.wait()
    program.stdout.close()
    world.wait_for(lambda: members(sessions) == [])
