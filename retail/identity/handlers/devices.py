"""The pages of devices: the list, a code for a new one, one device, what is asked of all."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import segno
from starlette.requests import Request
from starlette.responses import Response

from retail.identity import device_pages, device_policy, device_queries, devices, displays
from retail.identity.device_errors import StillUnsent
from retail.identity.device_rules import shown_code
from retail.identity.display_sockets import say_over
from retail.identity.errors import OwnersOnly
from retail.identity.sockets import device_key
from retail.kit.errors import Invalid, NotFound
from retail.kit.text import _
from retail.runtime.db import Read
from retail.runtime.web.context import db, edge, hub, scope
from retail.runtime.web.forms import Fields
from retail.runtime.web.limits import limit
from retail.runtime.web.responses import redirect, render


async def index(request: Request) -> Response:
    """List the devices with their health, and the form of a new one."""
    return await _index(request, {}, {}, 200)


async def offer(request: Request) -> Response:
    """Make a code for a till and show it, large and as a picture to scan."""
    fields = await Fields.read(request)
    till, name = fields.uuid("till"), fields.text("name", 80, required=True)
    try:
        fields.check()
        await limit(request, "device", str(scope(request).actor.id))
        made = await db(request).run(scope(request), devices.offer_enrolment, till or UUID(int=0), name)
    except Invalid as wrong:
        return await _index(request, fields.values, wrong.errors, 422)
    address = f"{edge(request).origin}/kiosk#{made.code}"
    async with db(request).read(scope(request)) as read:
        context = await device_pages.listed(read)
    return render(
        request,
        "identity/devices/code.html",
        **context,
        code=shown_code(made.code),
        address=address,
        short_address=f"{edge(request).origin}/kiosk",
        picture=segno.make(address, error="m").svg_data_uri(scale=6, border=2),
        expires_at=made.expires_at,
        name=name,
        live=_live(request, "devices"),
    )


async def show(request: Request) -> Response:
    """Show one device: its health as it tells it, its name, its till, and the way to revoke it."""
    return await _show(request)


async def _show(request: Request, refused: str = "", status: int = 200) -> Response:
    wanted = _wanted(request)
    async with db(request).read(scope(request)) as read:
        context = await device_pages.shown(read, wanted)
        tills = await _tills(read)
        shown = await displays.displays_of(read, context["line"].device.till)
    return render(
        request,
        "identity/devices/show.html",
        status,
        **context,
        refused=refused,
        waiting=int(context["line"].device.health.get("waiting") or 0),
        tills=tills,
        displays=shown,
        live=_live(request, f"device-page:{wanted}"),
    )


async def rename(request: Request) -> Response:
    """Give a device another name."""
    fields = await Fields.read(request)
    name = fields.text("name", 80, required=True)
    fields.check()
    await db(request).run(scope(request), devices.rename_device, _wanted(request), name)
    return redirect(request, f"/devices/{_wanted(request)}", said=_("The device is called %(name)s.") % {"name": name})


async def move(request: Request) -> Response:
    """Move a device to another till."""
    fields = await Fields.read(request)
    till = fields.uuid("till")
    fields.check()
    await db(request).run(scope(request), devices.move_device, _wanted(request), till or UUID(int=0))
    said = _("Moved. The device sends what it has, then opens its new till.")
    return redirect(request, f"/devices/{_wanted(request)}", said=said)


async def revoke(request: Request) -> Response:
    """Revoke a device: its sockets are closed in every process at once."""
    fields = await Fields.read(request)
    try:
        ended = await db(request).run(
            scope(request), devices.revoke_device, _wanted(request), lost=fields.flag("device_lost")
        )
    except (StillUnsent, OwnersOnly) as refused:
        return await _show(request, refused.sentence(), refused.status)
    async with db(request).read(scope(request)) as read:
        till = (await device_queries.device(read, _wanted(request))).till
    say_over(request, scope(request).tenant, till)
    listening = hub(request)
    for token_hash in ended if listening is not None else ():
        listening.recheck(scope(request).tenant)
        listening.revoke(device_key(token_hash))
    said = _("Revoked. What the device has not sent still comes in, marked; then it wipes itself.")
    return redirect(request, f"/devices/{_wanted(request)}", said=said)


async def end_display(request: Request) -> Response:
    """End a customer display on another device, from the page of its till or of the till's device."""
    fields = await Fields.read(request)
    device = fields.uuid("device", required=False)
    fields.check()
    till = request.path_params["till"]
    await db(request).run(scope(request), displays.end_display, till, request.path_params["display"])
    say_over(request, scope(request).tenant, till)
    said = _("The display is ended. It shows nothing any more.")
    return redirect(request, f"/devices/{device}" if device else f"/tills/{till}", said=said)


async def set_policy(request: Request) -> Response:
    """Say what is asked of all devices."""
    fields = await Fields.read(request)
    await db(request).run(scope(request), device_policy.set_policy, required=fields.flag("required"))
    return redirect(request, "/devices", said=_("Saved. Devices follow within a minute."))


def _wanted(request: Request) -> UUID:
    try:
        return UUID(request.path_params["device"])
    except ValueError as wrong:
        raise NotFound("device") from wrong


async def _tills(read: Read) -> list[tuple[str, str]]:
    rows = await read.fetch(
        """SELECT t.id, t.code, t.name, s.name AS store FROM till t
             JOIN store s ON s.tenant_id = t.tenant_id AND s.id = t.store_id
            WHERE t.tenant_id = $1 AND t.retired_at IS NULL ORDER BY s.name, t.code""",
        read.tenant,
    )
    return [(str(row["id"]), f"{row['name']} ({row['code']}) · {row['store']}") for row in rows]


async def _index(request: Request, values: dict[str, str], errors: dict[str, list[str]], status: int) -> Response:
    async with db(request).read(scope(request)) as read:
        context: dict[str, Any] = await device_pages.listed(read)
        tills = await _tills(read)
        policy = await device_queries.policy(read)
    return render(
        request,
        "identity/devices/index.html",
        status,
        **context,
        tills=tills,
        policy=policy,
        values=values,
        errors=errors,
        live=_live(request, "devices"),
    )


def _live(request: Request, topic: str) -> str:
    return f"{edge(request).base}/live?{urlencode({'topic': topic})}"
