"""Start and recognise server processes: ours die with us, and a number in a pid file is never taken on trust."""

from __future__ import annotations

import ctypes
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from retail.runtime.embedded.account import Account

_LAUNCH = Path(__file__).with_name("launch.py")
_TICK_S = 0.02
_ORPHAN_AFTER_S = 2.0
_PR_SET_CHILD_SUBREAPER = 36

Started = subprocess.Popen[bytes]


def launch_command(command: Sequence[str], account: Account, death_signal: int) -> list[str]:
    """Return the command that becomes `command` as that user and gets `death_signal` when its parent thread ends."""
    return [
        sys.executable, "-I", "-S", str(_LAUNCH), str(os.getpid()), str(int(death_signal)),
        str(account.uid), str(account.gid), *command,
    ]  # fmt: skip


class _Keeper:
    """A thread that lives as long as the process and starts the servers.

    The kernel sends the death signal when the starting *thread* ends, so a server that was started from a pool
    thread or from `asyncio.run` would be stopped with it.
    """

    def __init__(self) -> None:
        self._orders: queue.SimpleQueue[tuple[Callable[[], Started], Future[Started]]] = queue.SimpleQueue()
        threading.Thread(target=self._work, name="server-keeper", daemon=True).start()

    def start(self, order: Callable[[], Started]) -> Started:
        answer: Future[Started] = Future()
        self._orders.put((order, answer))
        return answer.result()

    def _work(self) -> None:
        while True:
            order, answer = self._orders.get()
            try:
                answer.set_result(order())
            except BaseException as error:  # noqa: BLE001 - it belongs to the caller, who raises it
                answer.set_exception(error)


_keepers: dict[int, _Keeper] = {}
_keepers_lock = threading.Lock()


def _keeper() -> _Keeper:
    with _keepers_lock:
        return _keepers.setdefault(os.getpid(), _keepers.get(os.getpid()) or _Keeper())


def start_server(
    command: Sequence[str],
    account: Account,
    *,
    death_signal: int,
    output: IO[bytes],
    environment: Mapping[str, str] | None = None,
) -> Started:
    """Start a server in a session of its own (Ctrl-C must not reach it), with both outputs in `output`."""
    full = launch_command(command, account, death_signal)
    surroundings = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC", **(environment or {})}

    def order() -> Started:
        return subprocess.Popen(  # noqa: S603 - our own command
            full, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd="/", env=surroundings,
            start_new_session=True,
        )  # fmt: skip

    return _keeper().start(order)


def arguments_of(pid: int) -> tuple[str, list[str]] | None:
    """Return the program's file name and the arguments of a living process; None for none and for a zombie."""
    if sys.platform != "linux":
        return _arguments_by_ps(pid)
    try:
        arguments = Path(f"/proc/{pid}/cmdline").read_bytes().decode("utf-8", "replace").split("\0")[:-1]
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return None  # hidden by the kernel means another user's, so not ours
    if not arguments:
        return None  # a zombie or a kernel thread has no arguments
    try:
        program = str(Path(f"/proc/{pid}/exe").readlink()).removesuffix(" (deleted)")
    except (FileNotFoundError, ProcessLookupError):
        return None
    except PermissionError:  # another user's process: its arguments are all that we may see
        program = arguments[0]
    return Path(program).name, arguments


def _arguments_by_ps(pid: int) -> tuple[str, list[str]] | None:
    ended = subprocess.run(  # noqa: S603
        ["/bin/ps", "-ww", "-o", "stat=,command=", "-p", str(pid)], check=False, capture_output=True, text=True
    )
    state, _space, command = ended.stdout.strip().partition(" ")
    if not command or state.startswith("Z"):
        return None
    arguments = command.split()
    return Path(arguments[0]).name, arguments


def exists(pid: int) -> bool:
    """Whether the number is in use, be it by a zombie or by another user's process."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def signalled(pid: int, signal_number: int) -> bool:
    """Send a signal; False when the process is gone."""
    try:
        os.kill(pid, signal_number)
    except ProcessLookupError:
        return False
    return True


def wait_until(condition: Callable[[], bool], seconds: float, tick: float = _TICK_S) -> bool:
    """Wait up to `seconds` for the condition and return its last value."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= deadline:
            return False
        time.sleep(tick)
    return True


def has_ended(started: Started) -> bool:
    """Whether a child has ended; leaves it unreaped where the system can, so that its number stays its own."""
    if sys.platform == "darwin":
        return started.poll() is not None
    return os.waitid(os.P_PID, started.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


@contextmanager
def adopting_orphans() -> Iterator[None]:
    """Be the parent of grandchildren whose parent was killed, so that they can be reaped (Linux)."""
    if sys.platform != "linux":
        yield
        return
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    try:
        yield
    finally:
        prctl(_PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


def reap_group(group: int) -> None:
    """Reap the killed members of an ended child's process group that have become our children; takes at most 1 s."""
    if sys.platform == "darwin":
        return

    def none_left() -> bool:
        try:
            while os.waitid(os.P_PGID, group, os.WEXITED | os.WNOHANG) is not None:
                pass
        except ChildProcessError:
            return True
        return False

    wait_until(none_left, 1.0)


_seen_dead: dict[int, float] = {}


def reap_orphan(known: Collection[int]) -> None:
    """Reap an ended child that is not in `known` and that no one else in this process has waited for in 2 s.

    The delay leaves children of `subprocess` and asyncio to those who started them.
    """
    if sys.platform == "darwin":
        return
    try:
        ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        ended = None
    if ended is None or ended.si_pid in known:
        _seen_dead.clear()
        return
    first = _seen_dead.setdefault(ended.si_pid, time.monotonic())
    if time.monotonic() - first >= _ORPHAN_AFTER_S:
        os.waitid(os.P_PID, ended.si_pid, os.WEXITED | os.WNOHANG)
        _seen_dead.clear()
