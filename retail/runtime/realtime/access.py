"""Rights that changed: told on a topic that only the product hears, so that open sockets prove themselves again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from retail.runtime.outbox import Event
from retail.runtime.realtime.channels import ACCESS_TOPIC, NOBODY, Channel


@dataclass(frozen=True)
class AccessChanged(Event):
    """What somebody may do changed, or (person None) what several people may; emit it with the change."""

    name: ClassVar[str] = "access.changed"
    person: UUID | None


CHANNEL = Channel(AccessChanged, ACCESS_TOPIC, "access.changed", NOBODY)
