"""Python sources as trees."""

from __future__ import annotations

import ast
from pathlib import Path

TRIES = 5


def tree_of(path: Path) -> ast.Module:
    """Parse a file. CPython 3.11 now and then loses count of its own depth, and says SystemError for a sound file:
    that is a fault of the interpreter (python/cpython#106905), so it is asked again.
    """
    text = path.read_text(encoding="utf-8")
    for _ in range(TRIES - 1):
        try:
            return ast.parse(text)
        except SystemError:
            continue
    return ast.parse(text)
