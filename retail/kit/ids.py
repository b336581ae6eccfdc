"""UUIDv7 ids: sortable by the moment they were made, and mintable on any device without asking anyone."""

from __future__ import annotations

import secrets
import time
from datetime import UTC, datetime
from uuid import UUID

_COUNTER_BITS = 12


class _Sequence:
    """Keeps ids of one process strictly increasing inside a millisecond (RFC 9562, 6.2, method 1)."""

    __slots__ = ("counter", "millis")

    def __init__(self) -> None:
        self.millis = 0
        self.counter = 0

    def step(self) -> tuple[int, int]:
        now = time.time_ns() // 1_000_000
        if now > self.millis:
            self.millis, self.counter = now, secrets.randbits(_COUNTER_BITS - 1)
        else:
            self.counter += 1
            if self.counter >> _COUNTER_BITS:
                self.millis, self.counter = self.millis + 1, 0
        return self.millis, self.counter


_sequence = _Sequence()


def new_id() -> UUID:
    """Make a UUIDv7 (RFC 9562): 48 bits of Unix milliseconds, a 12-bit counter, 62 random bits."""
    millis, counter = _sequence.step()
    value = (millis << 80) | (0x7 << 76) | (counter << 64) | (0b10 << 62) | secrets.randbits(62)
    return UUID(int=value)


def id_time(value: UUID) -> datetime:
    """Tell when a UUIDv7 was made, to the millisecond, in UTC. Advisory only: the maker's clock may be wrong."""
    return datetime.fromtimestamp((value.int >> 80) / 1000, UTC)
