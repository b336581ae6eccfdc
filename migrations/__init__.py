"""One linear history of the schema, written as SQL through a few helpers."""

from __future__ import annotations

from pathlib import Path

HISTORY = tuple(sorted(path.stem for path in Path(__file__).parent.glob("m[0-9][0-9][0-9][0-9]_*.py")))
