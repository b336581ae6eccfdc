"""What happened at somebody's bell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from retail.runtime.outbox import Event


@dataclass(frozen=True)
class NotificationsRead(Event):
    """Somebody has seen what was new to them: their other screens count anew."""

    name: ClassVar[str] = "notifications.read"
    person: UUID
