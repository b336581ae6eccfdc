"""The operator's list of addresses that are written to no more: seen, added to, taken off."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from retail.audit.operations import note, platform_scope
from retail.kit.errors import Invalid
from retail.kit.text import _, ngettext
from retail.runtime.mail.suppression import MOST, BadAddress, hint_of, suppress, suppressed, write_again
from retail.runtime.tenancy import Actor
from retail.runtime.web.context import db, edge, person
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import redirect, render

PATH = "/platform/mail/silent"


async def index(request: Request) -> Response:
    """List the addresses that get nothing, newest first."""
    return await _page(request, {}, {}, 200)


async def create(request: Request) -> Response:
    """Write to an address no more."""
    fields = await Fields.read(request)
    address = fields.text("address", 254, required=True)
    channel = "sms" if address.startswith("+") else "mail"
    try:
        fields.check()
        async with db(request).platform() as unit:
            stopped = await suppress(unit, channel, address, "operator")
    except (BadAddress, Invalid):
        wrong = [_("Type one e-mail address, or a number with its country in front, as in +4915112345678.")]
        return await _page(request, fields.values, {"address": wrong}, 422)
    await _note(request, "mail.silenced", channel, hint_of(address))
    said = ngettext(
        "It gets nothing more; %(num)d letter that waited is stopped.",
        "It gets nothing more; %(num)d letters that waited are stopped.",
        stopped,
    )
    return redirect(request, PATH, said=said % {"num": stopped})


async def remove(request: Request) -> Response:
    """Take an address off the list. Raises NotFound."""
    channel, name = str(request.path_params["channel"]), str(request.path_params["name"])
    async with db(request).platform() as unit:
        await write_again(unit, channel, name)
    await _note(request, "mail.written_again", channel, name[:8])
    return redirect(request, PATH, said=_("It is written to again."))


async def _page(request: Request, values: Mapping[str, str], errors: Mapping[str, list[str]], status: int) -> Response:
    async with db(request).platform() as unit:
        listed = await suppressed(unit)
    return render(request, "console/mail/silent.html", status, listed=listed, most=MOST, values=values, errors=errors)


async def _note(request: Request, action: str, channel: str, which: str) -> None:
    who, here = person(request), edge(request)
    scope = platform_scope(Actor("person", who.id, who.name), ip=here.ip, request_id=here.request_id)
    await note(db(request), scope, action, "mail", None, channel=channel, which=which)
