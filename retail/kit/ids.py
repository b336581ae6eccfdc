"""UUIDv7 ids: sortable by the moment they were made, and mintable on any device without asking anyone."""

from __future__ import annotations

import os
import secrets
import struct
import time
from datetime import UTC, datetime
from uuid import UUID

_COUNTER_BITS = 12
_AT_ONCE = 64


class _Sequence:
    """Keeps ids of one process strictly increasing inside a millisecond (RFC 9562, 6.2, method 1)."""

    __slots__ = ("counter", "millis")

    def __init__(self) -> None:
        self.millis = 0
        self.counter = 0

    def step(self) -> tuple[int, int]:
        now = time.time_ns() // 1_000_000
        if now > self.millis:
            self.millis, self.counter = now, _noise.take() >> (65 - _COUNTER_BITS)
        else:
            self.counter += 1
            if self.counter >> _COUNTER_BITS:
                self.millis, self.counter = self.millis + 1, 0
        return self.millis, self.counter


class _Noise:
    """Random bits from the system, fetched for many ids at a time: a call for each costs more than the id itself.

    Threads may share it; a forked child begins with its own.
    """

    __slots__ = ("_left",)

    def __init__(self) -> None:
        self._left: list[int] = []

    def drop(self) -> None:
        self._left.clear()

    def take(self) -> int:
        """Give 64 bits, each once."""
        while True:
            try:
                return self._left.pop()
            except IndexError:
                self._left.extend(struct.unpack(f"{_AT_ONCE}Q", secrets.token_bytes(8 * _AT_ONCE)))


_noise = _Noise()
os.register_at_fork(after_in_child=_noise.drop)
_sequence = _Sequence()


def new_id() -> UUID:
    """Make a UUIDv7 (RFC 9562): 48 bits of Unix milliseconds, a 12-bit counter, 62 random bits."""
    millis, counter = _sequence.step()
    value = (millis << 80) | (0x7 << 76) | (counter << 64) | (0b10 << 62) | (_noise.take() >> 2)
    return UUID(int=value)


def id_time(value: UUID) -> datetime:
    """Tell when a UUIDv7 was made, to the millisecond, in UTC. Advisory only: the maker's clock may be wrong."""
    return datetime.fromtimestamp((value.int >> 80) / 1000, UTC)
