"""Receipt numbers as people read and type them: "T2-000017" is sale 17 of till T2, "T2-R000003" its third return."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_WRITTEN: Final = re.compile(r"(?:(?P<till>[A-Z0-9-]{1,12})-)?(?P<back>R)?0*(?P<number>[0-9]{1,12})")


@dataclass(frozen=True, slots=True)
class Label:
    """What somebody typed to find a receipt; `till_code` and `kind` are '' where they were left out."""

    number: int
    till_code: str = ""
    kind: str = ""


def receipt_label(till_code: str, number: int, kind: str = "sale") -> str:
    """Write a receipt's number."""
    return f"{till_code}-{'R' if kind == 'return' else ''}{number:06d}"


def read_label(typed: str) -> Label | None:
    """Read a receipt's number: "17", "T2-17", "t2-000017", "T2-R3"; None for anything else."""
    found = _WRITTEN.fullmatch(typed.strip().upper())
    if found is None:
        return None
    code = found["till"] or ""
    return Label(int(found["number"]), code, "return" if found["back"] else ("sale" if code else ""))
