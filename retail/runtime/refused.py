"""What was refused to whoever asks, heard by who records it: a refusal rolls back what would have told of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from retail.kit.errors import Forbidden

_HEARD: Final[ContextVar[list[Forbidden] | None]] = ContextVar("refused", default=None)


@contextmanager
def hearing() -> Iterator[list[Forbidden]]:
    """Gather what is refused inside of the block, in turn."""
    heard: list[Forbidden] = []
    token = _HEARD.set(heard)
    try:
        yield heard
    finally:
        _HEARD.reset(token)


def tell(error: Forbidden) -> None:
    """Tell of a refusal; nobody may be listening."""
    heard = _HEARD.get()
    if heard is not None and error not in heard:
        heard.append(error)
