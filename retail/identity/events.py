"""What happens to devices at the tills, for the pages and the devices themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from retail.runtime.outbox import Event


@dataclass(frozen=True)
class DeviceChanged(Event):
    """A device was enrolled, renamed, moved, revoked or wiped."""

    name: ClassVar[str] = "device.changed"
    device: UUID
    store: UUID | None = None
    """Where it stands, or stood until now: one event of each store."""


@dataclass(frozen=True)
class DeviceTold(Event):
    """A device told how it is: news for the back office, not for the device."""

    name: ClassVar[str] = "device.told"
    device: UUID
    store: UUID | None = None


@dataclass(frozen=True)
class DeviceRevokedNow(Event):
    """A device is no till any more: it is told, and every socket proves itself again."""

    name: ClassVar[str] = "device.revoked"
    device: UUID


@dataclass(frozen=True)
class ApprovalChanged(Event):
    """An approval was asked for, answered or withdrawn. `till` None: it was not asked for at a till."""

    name: ClassVar[str] = "approval.changed"
    approval: UUID
    store: UUID
    till: UUID | None
    state: str
