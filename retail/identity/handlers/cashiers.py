"""The page of cashiers: who has a PIN or a badge at the devices, and handing them out."""

from __future__ import annotations

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.identity import code128, device_queries, pins
from retail.kit.errors import NotFound
from retail.kit.text import _
from retail.runtime.web.context import db, keyring, scope
from retail.runtime.web.responses import redirect, render


async def index(request: Request) -> Response:
    """List those who may sell, with the state of their PIN and badge."""
    return await _index(request)


async def give_pin(request: Request) -> Response:
    """Make a one-time PIN and show it, once."""
    person = _wanted(request)
    pin = await db(request).run(scope(request), pins.give_one_time_pin, keyring(request), person)
    return await _index(request, given=(person, pin))


async def take_pin(request: Request) -> Response:
    """Take a PIN away."""
    await db(request).run(scope(request), pins.take_pin, _wanted(request))
    return redirect(request, "/devices/cashiers", said=_("The PIN is gone. Devices forget it at their next contact."))


async def unlock(request: Request) -> Response:
    """Forget somebody's wrong tries."""
    await db(request).run(scope(request), pins.unlock, _wanted(request))
    return redirect(request, "/devices/cashiers", said=_("Unlocked. The PIN is as it was."))


async def give_badge(request: Request) -> Response:
    """Make a badge and show it for printing, once."""
    person = _wanted(request)
    async with db(request).begin(scope(request)) as tx:
        code = await pins.issue_badge(tx, person)
        name = (await device_queries.people_named(tx, [person]))[person]
    return render(request, "identity/devices/badge.html", name=name, picture=code128.picture(code))


async def take_badge(request: Request) -> Response:
    """Void a badge."""
    await db(request).run(scope(request), pins.take_badge, _wanted(request))
    return redirect(request, "/devices/cashiers", said=_("The badge is void."))


async def _index(request: Request, given: tuple[UUID, str] | None = None) -> Response:
    async with db(request).read(scope(request)) as read:
        mates = await device_queries.mates(read)
    return render(request, "identity/devices/cashiers.html", mates=mates, given=given)


def _wanted(request: Request) -> UUID:
    try:
        return UUID(request.path_params["person"])
    except ValueError as wrong:
        raise NotFound("person") from wrong
