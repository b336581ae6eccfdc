"""Which of the keys for signed tokens signs now, and which are still believed: rotation without a restart. Pure.

A new key is published for as long as others may keep the list of our keys, and signs only then; the one before it is
published, and believed, until the last token that it signed has ended. Keys of the environment have no age: the newest
signs, all are believed, and whoever set them takes the old one out.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from retail.identity.token_rules import SIGNED_TOKEN

PUBLISHED_AHEAD: Final = timedelta(minutes=5)
"""How long others may keep the list of keys; the answer's max-age says the same."""
LEEWAY: Final = timedelta(minutes=1)
"""For tokens that were being signed when the next key took over, on machines whose clocks differ."""


def signing(made: Mapping[int, datetime | None], now: datetime) -> int:
    """Give the version that signs: the newest one that everybody can know of by now."""
    known = [version for version, at in made.items() if at is None or at + PUBLISHED_AHEAD <= now]
    return max(known) if known else min(made)


def believed(made: Mapping[int, datetime | None], now: datetime) -> list[int]:
    """Give the versions whose tokens may still run, or will begin to, oldest first."""
    versions = sorted(made)
    current = signing(made, now)
    ended = set()
    for version, following in pairwise(versions):
        took_over = made[following]
        if version < current and took_over is not None and _last_token(took_over) <= now:
            ended.add(version)
    return [version for version in versions if version not in ended]


def _last_token(took_over: datetime) -> datetime:
    return took_over + PUBLISHED_AHEAD + SIGNED_TOKEN + LEEWAY
