"""What happened to a business and its stores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from retail.runtime.outbox import Event


@dataclass(frozen=True)
class SettingsChanged(Event):
    """Settings were changed: of a store, or (None) of the business. What they are now is asked for."""

    name: ClassVar[str] = "settings.changed"
    store: UUID | None = None


@dataclass(frozen=True)
class BusinessMoved(Event):
    """A business stands otherwise than before: by its bills, an operator, or its closing."""

    name: ClassVar[str] = "tenant.moved"
    before: str
    after: str
