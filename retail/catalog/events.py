"""What happens to the catalogue."""

from __future__ import annotations

from dataclasses import dataclass

from retail.runtime.outbox import Event


@dataclass(frozen=True, slots=True)
class CatalogueChanged(Event):
    """Products, categories or tax classes changed; `version` is the catalogue's version after it."""

    name = "catalogue.changed"
    version: int
