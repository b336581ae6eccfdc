"""What `countertop check` finds out: named claims about a tenant's rows, each recomputed from its source.

A feature's checks.py has `async def checks(read: Read) -> list[Check]`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from retail.runtime.db import Read

_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class Check:
    """One claim: what it is about, whether it holds, and where it doesn't (or how much was looked at)."""

    name: str
    ok: bool
    detail: str


def claim(name: str, looked_at: int, differences: Sequence[str]) -> Check:
    """Make a check of the differences that were found; shows the first few."""
    if not differences:
        return Check(name, ok=True, detail=f"{looked_at} checked")
    shown = "; ".join(differences[:_SHOWN])
    rest = len(differences) - _SHOWN
    return Check(name, ok=False, detail=shown + (f"; and {rest} more" if rest > 0 else ""))


@asynccontextmanager
async def without_loops(read: Read) -> AsyncIterator[None]:
    """Let what compares all rows of a business join by hash or order, never row by row.

    The planner knows a business by figures that can be older than it: of one that traded for a day among larger ones it
    thinks that it has no rows, chooses loops, and ten thousand moves take minutes. A transaction that failed keeps it.
    """
    before = await read.fetchval("SELECT current_setting('enable_nestloop')")
    await read.execute("SET LOCAL enable_nestloop = off")
    yield
    await read.execute("SET LOCAL enable_nestloop = on" if before == "on" else "SET LOCAL enable_nestloop = off")
