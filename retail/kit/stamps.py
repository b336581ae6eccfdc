"""Stamps: what a form saw when it was opened, short enough for a hidden field; pure."""

from __future__ import annotations

from hashlib import sha256

LENGTH = 16


def stamp(*facts: object) -> str:
    """Give a short text that is another one as soon as one of the facts is."""
    return sha256("\x1f".join(repr(fact) for fact in facts).encode()).hexdigest()[:LENGTH]
