"""The operator's pages of errors of our own: the groups, one of them, and how it stands."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from retail.automation.exports.walking import Col, Walk
from retail.comms.cursors import before, following
from retail.comms.operator_pages import operators_scope
from retail.console import files
from retail.kit.paging import Page
from retail.kit.text import _
from retail.runtime import faults
from retail.runtime.db import Unit
from retail.runtime.faults import Fault
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import db
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import redirect, render

AT: Final = "/platform/errors"
_PAGE: Final = 50


async def index(request: Request) -> Response:
    """List the groups, the last seen first; those that are open unless others are asked for."""
    asked = Asked.of(request, AT)
    async with db(request).platform() as unit:
        walk = await _walk(unit, asked, _PAGE)
        asked.refuse_others()
        page = await asked.page(walk)
    return render(
        request,
        "console/errors/index.html",
        asked.status,
        asked=asked,
        page=page,
        statuses=[
            ("new", _("New in 24 hours")),
            ("all", _("Every status")),
            ("resolved", status_words("resolved")),
            ("ignored", status_words("ignored")),
        ],
        sources=[(one, source_words(one)) for one in faults.SOURCES],
        status_words=status_words,
        source_words=source_words,
        tones=TONES,
    )


async def show(request: Request) -> Response:
    """Show one group."""
    async with db(request).platform() as unit:
        found = await faults.fault(unit, request.path_params["id"])
    return render(
        request,
        "console/errors/show.html",
        fault=found,
        status_words=status_words,
        source_words=source_words,
        tones=TONES,
    )


async def settle(request: Request) -> Response:
    """Say how a group stands."""
    fields = await Fields.read(request)
    status = fields.choice("status", faults.STATUSES)
    fields.check()
    id = request.path_params["id"]
    await db(request).run(operators_scope(request), faults.settle, id, status)
    said = {
        "open": _("It is open again."),
        "resolved": _("It is resolved. Should it come again, it is open again."),
        "ignored": _("It is ignored: it is counted on, and stays out of the list."),
    }[status]
    return redirect(request, f"{AT}/{id}", said=said)


TONES: Final = {"open": "bad", "resolved": "ok", "ignored": ""}


def status_words(status: str) -> str:
    """Say how a group stands."""
    return {"open": _("Open"), "resolved": _("Resolved"), "ignored": _("Ignored")}.get(status, status)


def source_words(source: str) -> str:
    """Say where errors come from."""
    return {"web": _("Web"), "worker": _("Worker"), "page": _("Browsers"), "till": _("Tills")}.get(source, source)


async def _walk(unit: Unit, asked: Asked, most: int = files.AT_ONCE) -> Walk:
    """Read the address; gives what reads a page of the list."""
    status = asked.choice("status", (*faults.STATUSES, "new", "all"), required=False)
    source = asked.choice("source", faults.SOURCES, required=False)
    wanted = {"all": "", "new": "open"}.get(status, status or "open")
    since = unit.now - faults.NEW_FOR if status == "new" else None

    async def page(after: str | None) -> Page[Fault]:
        found = await faults.faults(unit, wanted, source, before(after), most + 1, since=since)
        listed = found[:most]
        return Page(listed, following(listed[-1].last_at, listed[-1].id) if len(found) > most else None)

    return page


export = files.as_file(
    "errors",
    (
        Col("error", at="type"), Col("place"), Col("source"), Col("count", "plain"), Col("first_at", "moment"),
        Col("last_at", "moment"), Col("status"), Col("reopened", "plain"), Col("request", at="request_id"),
        Col("trace"), Col("id", "plain"),
    ),
    _walk,
)  # fmt: skip
