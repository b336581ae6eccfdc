"""What the rows of a file of products have claimed so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID


@dataclass(slots=True)
class Seen:
    """What the file's rows have claimed so far. `refs` by line: the row's SKU, the parts and deposit that it names."""

    skus: dict[str, int] = field(default_factory=dict)
    subjects: dict[UUID, int] = field(default_factory=dict)
    codes: dict[str, int] = field(default_factory=dict)
    ids: dict[str, UUID] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    new: set[str] = field(default_factory=set)
    variants: dict[tuple[str, frozenset[tuple[str, str]]], int] = field(default_factory=dict)
    families: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    groups: dict[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict)
    refs: dict[int, tuple[str, tuple[str, ...], str]] = field(default_factory=dict)
    made: int = 0
