"""What the rows of a file of products have claimed so far."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from retail.catalog.codes.skus import BySku


@dataclass(slots=True)
class Seen:
    """What the file's rows have claimed so far. `refs` by line: the row's SKU, the parts and deposit that it names.

    `grouped` by group that isn't there yet: the lines that want it.
    `skus` are in small letters, but for those that stay as their products have them.
    """

    skus: dict[str, int] = field(default_factory=dict)
    subjects: dict[UUID, int] = field(default_factory=dict)
    codes: dict[str, int] = field(default_factory=dict)
    ids: BySku[UUID] = field(default_factory=BySku)
    kinds: dict[str, str] = field(default_factory=dict)
    new: set[str] = field(default_factory=set)
    variants: dict[tuple[str, frozenset[tuple[str, str]]], int] = field(default_factory=dict)
    families: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    groups: dict[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict)
    grouped: dict[tuple[str, ...], set[int]] = field(default_factory=dict)
    refs: dict[int, tuple[str, tuple[str, ...], str]] = field(default_factory=dict)
    made: int = 0

    def join(self, family: str, options: Iterable[tuple[str, str]], there: Container[str], line: int) -> None:
        """Note a variant of a good row, and its family where it isn't there yet."""
        key, chosen = family.lower(), tuple(options)
        if key not in there:
            self.families.setdefault(key, (family, tuple(name for name, _value in chosen)))
        self.variants[key, frozenset(chosen)] = line

    def want(self, path: tuple[str, ...], there: Container[tuple[str, ...]], line: int) -> None:
        """Note that a good row wants a group and those above it, as far as they aren't there yet."""
        for depth in range(1, len(path) + 1):
            key = tuple(name.lower() for name in path[:depth])
            if key not in there:
                self.groups.setdefault(key, path[:depth])
                self.grouped.setdefault(key, set()).add(line)


def spell(values: dict[str, Any], known: Sequence[BySku[UUID]]) -> None:
    """Write the SKUs of a row's parts and deposit as they are written where they are known, the first of them first."""
    if values.get("parts"):
        values["parts"] = tuple((spelt(sku, known), amount) for sku, amount in values["parts"])
    if values.get("deposit"):
        values["deposit"] = spelt(values["deposit"], known)


def spelt(sku: str, known: Sequence[BySku[UUID]]) -> str:
    """Write a SKU as it is written where it is known; one that isn't stays as it is."""
    return next((found for one in known if (found := one.spelt(sku))), sku)
