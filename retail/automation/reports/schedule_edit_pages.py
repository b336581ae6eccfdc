"""The page on which a schedule is changed: its times, its zone, its day of beginning, its forms, and who gets it."""

from __future__ import annotations

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.automation.reports import queries, schedules
from retail.automation.reports.editing import ScheduleChanged, change_schedule, lacking
from retail.automation.reports.schedule_pages import address, choices, choosable, next_words, ticked, wish_in
from retail.kit.errors import Invalid
from retail.kit.text import _
from retail.runtime.db import Tx
from retail.runtime.web.context import db, scope, tenant
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import redirect, render


async def show(request: Request) -> Response:
    """Show a schedule to change it, with who of its people would be sent nothing."""
    return await _page(request)


async def update(request: Request) -> Response:
    """Change a schedule."""
    report, id, fields = _report(request), _id(request), await Fields.read(request)

    async def change(tx: Tx) -> None:
        await schedules.schedule_of(tx, report, id)
        await change_schedule(tx, id, version, wish)

    try:
        wish, version = wish_in(fields, scope(request).actor.id), fields.whole("version", least=1)
        fields.check()
        await db(request).run(scope(request), change)
    except Invalid as wrong:
        return await _page(request, 422, fields, wrong.errors)
    except ScheduleChanged as stale:
        return await _page(request, 409, None, {"": [stale.sentence()]})
    return redirect(request, address(report), said=_("Changed. It goes by the new times from now on."))


async def _page(
    request: Request, status: int = 200, typed: Fields | None = None, errors: dict[str, list[str]] | None = None
) -> Response:
    acting, locale = scope(request), tenant(request).locale
    async with db(request).read(acting) as read:
        one = await schedules.schedule_of(read, _report(request), _id(request))
        found = await queries.report(read, one.report_id)
        people, blind, now = await choosable(read, acting), await lacking(read, found, one.people), read.now
    day = str(one.day)
    stands = {
        "every": one.every, "weekday": day if one.every == "week" else "1", "day": day if one.every == "month" else "1",
        "hour": str(one.hour), "timezone": one.timezone,
        "begins_on": one.begins_on.isoformat() if one.begins_on else "", "version": str(one.version),
    }  # fmt: skip
    return render(
        request, "automation/reports/schedule.html", status, report=found, one=one, people=people,
        values=stands | (typed.values if typed else {}), errors=errors or {},
        ticked=ticked(typed) if typed else {*one.forms, *map(str, one.people)}, blind=list(blind.values()),
        next_said=next_words(one, now, locale), **choices(locale),
    )  # fmt: skip


def _report(request: Request) -> UUID:
    return UUID(str(request.path_params["id"]))


def _id(request: Request) -> UUID:
    return UUID(str(request.path_params["schedule"]))
