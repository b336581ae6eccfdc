"""Live devices: the back office sees how they are, a device hears that it was revoked or moved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from retail.identity.device_pages import listed, shown
from retail.identity.events import ApprovalChanged, DeviceChanged, DeviceRevokedNow, DeviceTold
from retail.identity.permissions import APPROVE, MANAGE_DEVICES, SELL
from retail.runtime.db import Read
from retail.runtime.realtime.access import CHANNEL
from retail.runtime.realtime.channels import ANY_MEMBER, NOBODY, Channel, Facts, Names, Partial


async def _list(read: Read, _names: Names) -> dict[str, Any]:
    return await listed(read)


async def _one(read: Read, names: Names) -> dict[str, Any]:
    return await shown(read, UUID(names["device"]))


def _where(event: DeviceChanged | DeviceTold) -> Facts:
    return {"device": str(event.device), "store": event.store and str(event.store)}


def _which(event: DeviceChanged | DeviceTold | DeviceRevokedNow) -> Facts:
    return {"device": str(event.device)}


def _answered(event: ApprovalChanged) -> Facts:
    return {"approval": str(event.approval), "state": event.state}


def _gone(event: ApprovalChanged) -> Sequence[Facts]:
    """Tell the bell of a request that nobody has to answer any more."""
    return [] if event.state == "asked" else [{"approval": str(event.approval)}]


_LIST: Final = (Partial("identity/devices/_list.html", "#devices", _list),)
_PAGE: Final = (Partial("identity/devices/_health.html", "#device-health", _one),)

CHANNELS: Final = [
    Channel(DeviceChanged, "devices", "device.changed", MANAGE_DEVICES, _where, _LIST, by_store=True),
    Channel(DeviceTold, "devices", "device.told", MANAGE_DEVICES, _where, _LIST, by_store=True),
    Channel(DeviceChanged, "device-page:{device}", "device.changed", MANAGE_DEVICES, _where, _PAGE, by_store=True),
    Channel(DeviceTold, "device-page:{device}", "device.told", MANAGE_DEVICES, _where, _PAGE, by_store=True),
    Channel(DeviceChanged, "device:{device}", "device.changed", SELL, _which),
    Channel(DeviceRevokedNow, "device:{device}", "device.revoked", SELL, _which),
    Channel(ApprovalChanged, "approvals", "approval.changed", APPROVE, _answered, of_all_stores=True),
    Channel(ApprovalChanged, "till:{till}", "approval.changed", SELL, _answered, of_all_stores=True),
    Channel(ApprovalChanged, "notices", "notice.gone", ANY_MEMBER, _gone),
    Channel(DeviceRevokedNow, CHANNEL.topic, "access.changed", NOBODY, _which),
]
