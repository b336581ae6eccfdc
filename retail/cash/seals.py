"""The seal of a till's papers: what is hashed, and how one paper hangs on the one before it; pure.

The scheme is that of the till's journal (docs/algorithms/till-journal.md, 2) with other fields, described in
docs/algorithms/shifts.md, 5.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

GENESIS: Final = "0" * 64
_NAMES: Final = frozenset({"opened_by", "closed_by", "by"})
"""Members that name people: they can be erased without breaking the seal."""


def canonical(report: Mapping[str, Any]) -> str:
    """Write a report as it is sealed: keys sorted, no spaces, without the names of people."""
    return json.dumps(_nameless(report), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def seal_of(till: UUID, shift_number: int, supplement: int, report: Mapping[str, Any], prev_hash: str) -> str:
    """Give the seal of a paper: a Z report where `supplement` is 0."""
    kind = "supplement" if supplement else "z"
    fields = [str(till), kind, str(shift_number), str(supplement), canonical(report), prev_hash]
    parts = [f"{len(one.encode())}:{one}" for one in fields]
    return hashlib.sha256("\x1f".join(["CTZ1", *parts]).encode()).hexdigest()


def _nameless(value: Any, inside: str = "") -> Any:  # noqa: ANN401 - plain JSON
    if isinstance(value, Mapping):
        kept = {name: one for name, one in value.items() if name not in _NAMES}
        if inside == "cashiers":
            kept.pop("name", None)
        return {name: _nameless(one, name) for name, one in kept.items()}
    if isinstance(value, list | tuple):
        return [_nameless(one, inside) for one in value]
    return value
