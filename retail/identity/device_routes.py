"""Addresses of devices and cashiers."""

from __future__ import annotations

from typing import Final

from starlette.routing import BaseRoute

from retail.identity.handlers import cashiers, devices
from retail.identity.permissions import MANAGE_DEVICES
from retail.runtime.web.routing import Handler, get, post


def _sure(path: str, handler: Handler) -> BaseRoute:
    """Ask for somebody who has just proved who they are: what is handed out here opens a till."""
    return post(path, handler, permission=MANAGE_DEVICES, confirm=True)


ROUTES: Final[list[BaseRoute]] = [
    get("/devices", devices.index, permission=MANAGE_DEVICES),
    _sure("/devices/codes", devices.offer),
    _sure("/devices/policy", devices.set_policy),
    get("/devices/cashiers", cashiers.index, permission=MANAGE_DEVICES),
    _sure("/devices/cashiers/{person}/pin", cashiers.give_pin),
    _sure("/devices/cashiers/{person}/pin-removal", cashiers.take_pin),
    _sure("/devices/cashiers/{person}/unlocking", cashiers.unlock),
    _sure("/devices/cashiers/{person}/badge", cashiers.give_badge),
    _sure("/devices/cashiers/{person}/badge-removal", cashiers.take_badge),
    post("/tills/{till:uuid}/displays/{display:uuid}/ending", devices.end_display, permission=MANAGE_DEVICES),
    get("/devices/{device}", devices.show, permission=MANAGE_DEVICES),
    _sure("/devices/{device}/name", devices.rename),
    _sure("/devices/{device}/till", devices.move),
    _sure("/devices/{device}/revocation", devices.revoke),
]
