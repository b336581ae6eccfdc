"""What `countertop check` finds out: named claims about a tenant's rows, each recomputed from its source.

A feature's checks.py has `async def checks(read: Read) -> list[Check]`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

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
