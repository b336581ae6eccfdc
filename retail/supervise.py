"""Run the web and worker processes: start them again when they end, and leave none behind, however this one ends.

On SIGINT, SIGTERM or SIGHUP the children stop first, then what they depend on (`closers`, in order). If this process is
killed outright, the kernel kills its children at once: nobody would be left to see them end. (It does not kill what
those had started themselves; a long-running program of theirs has to notice by itself.)
"""

from __future__ import annotations

import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import IO, BinaryIO

from retail.kit.text import _
from retail.runtime.embedded.account import Account
from retail.runtime.embedded.process import adopting_orphans, has_ended, launch_command, reap_group, reap_orphan

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 30.0
STEADY_AFTER_S = 60.0
GRACE_S = 30.0
_TICK_S = 0.2
_CHUNK = 65_536
_LONGEST_LINE = 65_536


@dataclass(frozen=True)
class Child:
    """One process to keep running. `pass_fds` are open sockets or pipes that it inherits under the same numbers."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] | None = None
    pass_fds: Sequence[int] = ()


@dataclass
class _Slot:
    child: Child
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    due: float = 0.0
    pause: float = FIRST_PAUSE_S
    line: bytearray = field(default_factory=bytearray)


class Supervisor:
    """Keep `children` running until a signal, then stop them within `grace` seconds and call the `closers`.

    A child that ends is started again after 1 s, then 2 s and so on up to 30 s; one that ran for 60 s begins at 1 s
    again. Output of the children comes out line by line behind their name. Use it once, in the main thread.
    """

    def __init__(
        self,
        children: Sequence[Child],
        *,
        closers: Sequence[Callable[[], object]] = (),
        grace: float = GRACE_S,
        output: BinaryIO | None = None,
    ) -> None:
        self._slots = [_Slot(child) for child in children]
        self._closers = closers
        self._grace = grace
        self._output = output or sys.stdout.buffer
        self._width = max((len(child.name) for child in children), default=0)
        self._selector = selectors.DefaultSelector()
        self._signals = 0
        self._account = Account(os.geteuid(), os.getegid(), "")

    def run(self) -> int:
        """Block until a signal has been obeyed; returns 0. An error of a closer is raised after all of them ran."""
        with self._listening(), adopting_orphans():
            try:
                while not self._signals:
                    self._start_due()
                    self._read(_TICK_S)
                    self._look_after()
            finally:
                self._stop_children()
                self._close()
        return 0

    def stop(self) -> None:
        """Ask `run` to end, as SIGTERM does; a second time: without waiting for the children."""
        self._signals += 1

    def say(self, sentence: str, name: str = "countertop") -> None:
        """Write one line in the manner of the children's output."""
        self._write(name, sentence.encode())

    # -- starting and watching

    def _start_due(self) -> None:
        now = time.monotonic()
        for slot in self._slots:
            if slot.process is None and slot.due <= now and not self._signals:
                self._start(slot, now)

    def _start(self, slot: _Slot, now: float) -> None:
        child = slot.child
        environment = {**(os.environ if child.environment is None else child.environment), "PYTHONUNBUFFERED": "1"}
        slot.process = subprocess.Popen(  # noqa: S603 - the caller's own commands
            launch_command(child.command, self._account, signal.SIGKILL),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment,
            pass_fds=tuple(child.pass_fds),
            start_new_session=True,  # Ctrl-C comes to us alone, and its own children are reached as a group
        )
        slot.started = now
        pipe = slot.process.stdout
        if pipe is not None:
            os.set_blocking(pipe.fileno(), False)
            self._selector.register(pipe, selectors.EVENT_READ, slot)

    def _look_after(self) -> None:
        for slot in self._slots:
            if slot.process is not None and has_ended(slot.process):
                code = self._bury(slot)
                if self._signals:
                    continue
                now = time.monotonic()
                if now - slot.started >= STEADY_AFTER_S:
                    slot.pause = FIRST_PAUSE_S
                slot.due = now + slot.pause
                self.say(
                    _("{name} ended ({how}); starting it again in {seconds:g} s.").format(
                        name=slot.child.name, how=_how(code), seconds=slot.pause
                    )
                )
                slot.pause = min(2 * slot.pause, LONGEST_PAUSE_S)
        reap_orphan({slot.process.pid for slot in self._slots if slot.process is not None})

    def _bury(self, slot: _Slot) -> int:
        """Kill what an ended child left behind, take its last lines, reap it and return its exit code."""
        process = slot.process
        if process is None:
            return 0
        _signal_group(process.pid, signal.SIGKILL)  # before reaping, while the number cannot belong to anyone else
        self._drain(slot)
        code = process.wait()
        reap_group(process.pid)
        if process.stdout is not None:
            self._forget(process.stdout)
            process.stdout.close()
        slot.process = None
        return code

    # -- stopping

    def _stop_children(self) -> None:
        running = [slot for slot in self._slots if slot.process is not None]
        for slot in running:
            if slot.process is not None:
                _signal_group(slot.process.pid, signal.SIGTERM)
        deadline = time.monotonic() + self._grace
        while any(slot.process for slot in running) and time.monotonic() < deadline and self._signals <= 1:
            self._read(_TICK_S)
            self._bury_ended(running)
        for slot in running:
            if slot.process is not None:
                self.say(_("{name} did not stop in time and is ended now.").format(name=slot.child.name))
                self._bury(slot)

    def _bury_ended(self, slots: Sequence[_Slot]) -> None:
        for slot in slots:
            if slot.process is not None and has_ended(slot.process):
                self._bury(slot)

    def _close(self) -> None:
        errors: list[Exception] = []
        for closer in self._closers:
            try:
                closer()
            except Exception as error:  # noqa: BLE001 - the others must still run; raised below
                errors.append(error)
        self._selector.close()
        if errors:
            raise ExceptionGroup(_("Not everything could be stopped."), errors)

    # -- signals

    @contextmanager
    def _listening(self) -> Iterator[None]:
        receiver, sender = socket.socketpair()
        for end in (receiver, sender):
            end.settimeout(0)
        self._selector.register(receiver, selectors.EVENT_READ, None)
        numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        previous = {number: signal.signal(number, self._on_signal) for number in numbers}
        previous_wakeup = signal.set_wakeup_fd(sender.fileno(), warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(previous_wakeup)
            for number, handler in previous.items():
                signal.signal(number, handler)
            receiver.close()
            sender.close()

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self.stop()

    # -- output

    def _read(self, seconds: float) -> None:
        for key, _events in self._selector.select(seconds):
            if isinstance(key.data, _Slot):
                self._take(key.data)
            elif isinstance(key.fileobj, socket.socket):
                key.fileobj.recv(_CHUNK)

    def _take(self, slot: _Slot) -> bool:
        pipe = slot.process.stdout if slot.process else None
        if pipe is None:
            return False
        try:
            part = os.read(pipe.fileno(), _CHUNK)
        except BlockingIOError:
            return False
        if not part:
            self._forget(pipe)  # closed: it would be readable for ever
        slot.line += part
        *lines, rest = slot.line.split(b"\n")
        if len(rest) > _LONGEST_LINE:  # a child that never ends its line must not fill the memory
            lines.append(rest)
            rest = bytearray()
        slot.line = bytearray(rest)
        for line in lines:
            self._write(slot.child.name, bytes(line))
        return bool(part)

    def _forget(self, pipe: IO[bytes]) -> None:
        if pipe.fileno() in self._selector.get_map():
            self._selector.unregister(pipe)

    def _drain(self, slot: _Slot) -> None:
        while self._take(slot):
            pass
        if slot.line:
            self._write(slot.child.name, bytes(slot.line))
            slot.line.clear()

    def _write(self, name: str, line: bytes) -> None:
        try:
            self._output.write(f"{name:<{self._width}} | ".encode() + line + b"\n")
            self._output.flush()
        except (BrokenPipeError, ValueError):
            # nobody reads any more (a closed terminal, `| head`): the shop goes on
            self._output = open(os.devnull, "wb")  # noqa: SIM115, PTH123 - for the rest of this process
        except OSError:
            # the file's disk is full: this line is lost, the shop goes on, and so does the log once there is room
            return


def _signal_group(pid: int, number: signal.Signals) -> None:
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        return


def _how(code: int) -> str:
    if code >= 0:
        return _("exit code {code}").format(code=code)
    return _("signal {name}").format(name=signal.Signals(-code).name)
