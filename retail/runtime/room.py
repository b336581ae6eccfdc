"""How much room is left on the disk that everything is stored on: asked by health, told by whoever watches servers."""

from __future__ import annotations

import errno
import shutil
import time
from pathlib import Path
from typing import Final

from retail.kit.text import _

TIGHT_BYTES: Final = 512 * 1024 * 1024
"""Below this somebody should know: a busy day's sales and the database's own log of changes still fit."""
FULL_BYTES: Final = 1024 * 1024
_LOOK_EVERY_SECONDS: Final = 20.0
_MEGA: Final = 1024 * 1024


def free_bytes(place: Path) -> int:
    """Give what is free to ordinary users on the disk of a folder, which need not exist yet."""
    while not place.exists():
        place = place.parent
    return shutil.disk_usage(place).free


def is_full(error: OSError) -> bool:
    """Claim that a system call failed for lack of room (or of the user's quota)."""
    return error.errno in {errno.ENOSPC, errno.EDQUOT}


def in_megabytes(amount: int) -> str:
    """Write bytes for a person."""
    return _("{megabytes} MB free").format(megabytes=f"{amount // _MEGA:,}")


def full_sentence(place: Path) -> str:
    """Say that the disk is full, for the person at the terminal."""
    return _(
        "The disk of {place} is full ({free}). Nothing that was saved is lost; make room on it, then try again."
    ).format(place=place, free=in_megabytes(free_bytes(place)))


class RoomWatch:
    """Looks every 20 s; gives a sentence when room gets short, once a minute while it is, and one when it is over."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._due = 0.0
        self._tight = False

    def look(self) -> str | None:
        """Give what is to be told now, if anything."""
        now = time.monotonic()
        if now < self._due:
            return None
        free = free_bytes(self._place)
        was, self._tight = self._tight, free < TIGHT_BYTES
        self._due = now + (3 * _LOOK_EVERY_SECONDS if self._tight and was else _LOOK_EVERY_SECONDS)
        if self._tight:
            return _(
                "The disk of {place} is nearly full ({free}); make room on it, or sales will wait in the tills."
            ).format(place=self._place, free=in_megabytes(free))
        return _("There is room on the disk of {place} again.").format(place=self._place) if was else None
