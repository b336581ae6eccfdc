"""The passwords that everybody tries first; where the list comes from stands in LICENSE beside it."""

from __future__ import annotations

import gzip
from functools import lru_cache
from pathlib import Path
from typing import Final

_LIST: Final = Path(__file__).resolve().parent / "common-passwords.txt.gz"


@lru_cache
def common_passwords() -> frozenset[str]:
    """Give common passwords of eight letters and more, in lower case; shorter ones are too short anyway."""
    with gzip.open(_LIST, "rt", encoding="utf-8") as lines:
        return frozenset(line.rstrip("\n") for line in lines)
