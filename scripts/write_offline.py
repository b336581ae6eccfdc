"""Write what works without a network for the till, from docs/offline.md: python -m scripts.write_offline."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
PAGE: Final = ROOT / "docs" / "offline.md"
MODULE: Final = ROOT / "kiosk" / "till" / "offline_matrix.js"
HOW: Final = ("works", "works with a limit", "needs the server")


@dataclass(frozen=True, slots=True)
class Row:
    """One thing, how far it works, and its limit in words, '' for none."""

    what: str
    how: str
    limit: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A heading with its rows."""

    name: str
    rows: tuple[Row, ...]


def read(text: str) -> list[Part]:
    """Read the tables of the page, tolerant of how they are drawn and of words behind how far something works."""
    parts: list[tuple[str, list[Row]]] = []
    for line in text.splitlines():
        if line.startswith("## "):
            parts.append((line.removeprefix("## ").split(" (")[0].strip(), []))
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not parts or not line.lstrip().startswith("|") or len(cells) < 2 or cells[0].lower() in {"what", "feature"}:
            continue
        if not set("".join(cells)) <= set("-: "):
            parts[-1][1].append(_row(cells))
    return [Part(name, tuple(rows)) for name, rows in parts if rows]


def _row(cells: list[str]) -> Row:
    """Read a row; what isn't one of the three is something that works with the limit that it says."""
    said, limit = _plain(cells[1]), _plain(" ".join(cells[2:]))
    for how in HOW:
        if said.lower() == how:
            return Row(_plain(cells[0]), how, limit)
    if said.lower().startswith(("blocked", HOW[2])):
        return Row(_plain(cells[0]), HOW[2], limit)
    rest = re.sub(r"^works?( with( a)? limit)?[\s:;,]*", "", said, flags=re.IGNORECASE)
    return Row(_plain(cells[0]), HOW[1], "; ".join(text for text in (rest, limit) if text))


def _plain(text: str) -> str:
    return text.replace("`", "").strip()


def module(parts: list[Part]) -> str:
    """Write the till's module; its texts go through t(), so a language has them too."""
    lines = [
        "/** Offline matrix: what works without a network; scripts/write_offline.py makes it of docs/offline.md. */",
        "",
        'import { t } from "./words.js";',
        "",
        "/** Parts with rows: what, how far, the limit. @type {() => [string, [string, number, string][]][]} */",
        "export const MATRIX = () => [",
    ]
    for part in parts:
        lines.append(f"  [t({json.dumps(part.name, ensure_ascii=False)}), [")
        for row in part.rows:
            what, limit = (json.dumps(text, ensure_ascii=False) for text in (row.what, row.limit))
            lines.append(f"    [t({what}), {HOW.index(row.how)}, {f't({limit})' if row.limit else limit}],")
        lines.append("  ]],")
    return "\n".join([*lines, "];", ""])


def main() -> int:
    """Write the module; with --check only say whether it is fresh."""
    made = module(read(PAGE.read_text()))
    if "--check" in sys.argv:
        return int(MODULE.read_text() != made)
    MODULE.write_text(made)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
