"""What processes use, read from the kernel: CPU seconds and memory, by process and with those it started."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_AFTER_NAME = 2  # /proc/PID/stat after the name in brackets starts with its third field
MIB = 1024 * 1024


def _stat(pid: int) -> list[str]:
    text = Path(f"/proc/{pid}/stat").read_text()
    return text[text.rindex(")") + _AFTER_NAME :].split()


def family(pid: int) -> list[int]:
    """Give a process and those that it has started and that still live, all generations."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                parents[int(entry.name)] = int(_stat(int(entry.name))[1])
            except (FileNotFoundError, ProcessLookupError):
                continue
    found = [pid]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found


def cpu_seconds(pids: Iterable[int]) -> float:
    """Sum the CPU time of processes, with that of their children and of children that have ended."""
    ticks = 0
    for pid in pids:
        for one in family(pid):
            try:
                ticks += sum(int(field) for field in _stat(one)[11:15])
            except (FileNotFoundError, ProcessLookupError):
                continue
    return ticks / _TICKS


def memory(pid: int) -> dict[str, float]:
    """Give a process' memory in MiB: `rss` with what it shares, `pss` with its share of that, `own` without."""
    wanted = {"Rss": "rss", "Pss": "pss", "Private_Dirty": "own", "Private_Clean": "own"}
    found = dict.fromkeys(wanted.values(), 0.0)
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        name, _, rest = line.partition(":")
        if name in wanted:
            found[wanted[name]] += int(rest.split()[0]) / 1024
    return found


def load_of_others() -> str:
    """Say how busy the machine is besides, for the note of a table."""
    return f"{os.getloadavg()[0]:.1f} runnable on {os.cpu_count()} processors when it began"
