"""What the pages of devices show, finished: the same for a page that is opened and for one that is repainted live."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from retail.identity import device_queries
from retail.identity.device_queries import Device
from retail.identity.device_rules import moment, warnings
from retail.kit.text import _
from retail.runtime.db import Read

_AWAY_AFTER: Final = timedelta(minutes=3)
_MEGA: Final = 1_000_000
_NOTHING: Final = "\u2013"


@dataclass(slots=True)
class Client:
    """The till's client that this server hands out; the application says which version that is."""

    version: Callable[[], str] = str


CLIENT: Final = Client()


@dataclass(frozen=True, slots=True)
class Line:
    """A device with what is wrong with it, and how it stands in one word."""

    device: Device
    warnings: list[tuple[str, str]]
    tone: str
    state: str


async def listed(read: Read) -> dict[str, Any]:
    """Give what the list shows."""
    return {"lines": [line(one, read) for one in await device_queries.devices(read)]}


async def shown(read: Read, wanted: UUID) -> dict[str, Any]:
    """Give what the page of one device shows about its health. Raises NotFound."""
    one = await device_queries.device(read, wanted)
    return {"line": line(one, read), "facts": facts(one)}


def line(one: Device, read: Read) -> Line:
    """Say how a device stands."""
    if one.revoked_at is not None:
        word = _("wiped") if one.wiped_at else _("revoked, not yet wiped")
        return Line(one, [], "" if one.wiped_at else "warn", word)
    found = warnings(one.health, read.now, CLIENT.version())
    if read.now - one.seen_at > _AWAY_AFTER:
        return Line(one, found, "", _("away"))
    return Line(one, found, "warn" if found else "ok", _("needs a look") if found else _("well"))


def facts(one: Device) -> list[tuple[str, str, Any]]:
    """Give (label, kind, value) of what a device told; kind says how it is written: text, money or moment."""
    told = one.health
    used = _("%(used)d of %(all)d MB") % {
        "used": told.get("usage", 0) // _MEGA,
        "all": told.get("quota", 0) // _MEGA,
    }
    kept = (
        {True: _("kept by the browser"), False: _("may be cleared")}.get(bool(told["persisted"]))
        if "persisted" in told
        else _("not told")
    )
    rows: list[tuple[str, str, Any]] = [
        (_("Clock"), "text", _("%(seconds)+d seconds") % {"seconds": told["skew"]} if "skew" in told else _NOTHING),
        (_("Storage"), "text", f"{kept}, {used}" if "quota" in told else kept),
        (_("Waiting to be sent"), "text", str(told.get("waiting", 0))),
        (_("Money in what waits"), "money", told.get("waiting_minor", 0)),
        (_("Oldest of it"), "moment", moment(told.get("oldest_at")) if told.get("waiting") else None),
        (_("Version"), "text", told.get("version") or _NOTHING),
        (_("Browser"), "text", told.get("browser") or _NOTHING),
        (_("Last scan"), "text", _scan(told) or _NOTHING),
        (_("From the scan to the line"), "text", pace_words(told) or _NOTHING),
    ]
    return rows


def pace_words(told: Mapping[str, Any]) -> str:
    """Say how long a scan takes at a device, '' where it told nothing of it."""
    if not {"scan_p50", "scan_p99", "scans"} <= told.keys():
        return ""
    return _("%(scan_p50)d ms in the middle, %(scan_p99)d ms at the slow end, of %(scans)d scans") % dict(told)


async def paces_at(read: Read, till: UUID) -> list[tuple[str, str]]:
    """Give (name, words) of a till's devices that told how long their scans take."""
    rows = await read.fetch(
        "SELECT name, health FROM device WHERE tenant_id = $1 AND till_id = $2 AND revoked_at IS NULL ORDER BY name",
        read.tenant,
        till,
    )
    told = [(row["name"], pace_words(json.loads(row["health"]))) for row in rows]
    return [(name, words) for name, words in told if words]


def _scan(told: Any) -> str:  # noqa: ANN401 - a mapping of JSON values
    if "scan_gap" not in told:
        return ""
    said = _("%(ms)d ms per character") % {"ms": told["scan_gap"]}
    return " · ".join(filter(None, [said, told.get("scan_layout"), told.get("scan_suffix")]))
