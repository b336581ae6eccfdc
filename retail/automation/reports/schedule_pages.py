"""The page on which a kept report's sending is set: when, to whom, in which forms; and what was sent."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from babel.dates import format_date, format_time, get_timezone_name
from starlette.requests import Request
from starlette.responses import Response

from retail.analytics.writing import weekday_words
from retail.automation.reports import operations, queries, schedules
from retail.automation.reports.editing import lacking
from retail.automation.reports.making import OUT
from retail.automation.reports.rules import EVERY, Every, Timing
from retail.identity.queries import members
from retail.kit.errors import Invalid
from retail.kit.ids import new_id
from retail.kit.paging import DEFAULT_LIMIT
from retail.kit.text import _, dates_of
from retail.runtime.db import Read, Tx
from retail.runtime.tenancy import Scope
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import db, scope, tenant
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import redirect, render

_HOURS: Final = 24
_WEEK: Final = 7
_MONTH: Final = 31


async def index(request: Request) -> Response:
    """Show when a report is sent, and what was."""
    return await _page(request)


async def create(request: Request) -> Response:
    """Have a report sent from now on."""
    id, fields = _id(request), await Fields.read(request)
    try:
        key, wish = fields.uuid("key", required=False) or new_id(), wish_in(fields, scope(request).actor.id)
        fields.check()
        await db(request).run(scope(request), schedules.make_schedule, id, key, wish)
    except Invalid as wrong:
        return await _page(request, 422, fields, wrong.errors)
    return redirect(request, address(id), said=_("The report is sent from now on."))


async def pause(request: Request) -> Response:
    """Let a schedule's moments pass."""
    return await _change(request, schedules.pause_schedule, _("Nothing is sent until it goes on."))


async def resume(request: Request) -> Response:
    """Let a schedule go on."""
    return await _change(request, schedules.resume_schedule, _("It goes on with its next time."))


async def end(request: Request) -> Response:
    """Send a report by a schedule no more."""
    return await _change(request, schedules.end_schedule, _("It is not sent any more."))


async def send(request: Request) -> Response:
    """Send a report at once."""
    return await _change(request, schedules.send_now, _("It is being sent. The log below says how it went."))


async def _change(request: Request, change: Any, said: str) -> Response:  # noqa: ANN401 - one of the four above
    id = UUID(str(request.path_params["schedule"]))

    async def run(tx: Tx) -> None:
        await schedules.schedule_of(tx, _id(request), id)
        await change(tx, id)

    await db(request).run(scope(request), run)
    return redirect(request, address(_id(request)), said=said)


def wish_in(fields: Fields, me: UUID | None) -> schedules.Wish:
    """Read from a form when somebody wants a report sent; what can't be read is told by `fields`."""
    every = cast("Every", fields.choice("every", EVERY) or "day")
    most = _WEEK if every == "week" else _MONTH
    day = _whole(fields, "weekday" if every == "week" else "day", 1, most) if every != "day" else 1
    hour, zone = _whole(fields, "hour", 0, _HOURS - 1), fields.text("timezone", 60, required=True)
    if zone and zone not in available_timezones():
        fields.error("timezone", _("Pick a time zone from the list, as in Europe/Berlin."))
    forms = [form for form in fields.many("forms") if form in OUT]
    if not forms:
        fields.error("forms", _("Pick at least one."))
    people = []
    for one in fields.many("people"):
        try:
            people.append(UUID(one))
        except ValueError:
            fields.error("people", _("Pick one from the list."))
    begins_on = fields.day("begins_on", required=False)
    return schedules.Wish(Timing(every, day, hour, zone), forms, people or [me for me in (me,) if me], begins_on)


def _whole(fields: Fields, name: str, least: int, most: int) -> int:
    typed = fields.text(name, 3, required=True)
    if typed.isdecimal() and least <= int(typed) <= most:
        return int(typed)
    if typed:
        fields.error(name, _("Pick one of the choices."))
    return least


async def _page(
    request: Request,
    status: int = 200,
    typed: Fields | None = None,
    errors: dict[str, list[str]] | None = None,
) -> Response:
    id, acting, facts = _id(request), scope(request), tenant(request)
    asked = Asked.of(request, address(id))
    async with db(request).read(acting) as read:
        found = await queries.report(read, id)
        known = await schedules.schedules(read, id)
        log = await asked.page(lambda after: schedules.log(read, id, limit=DEFAULT_LIMIT, after=after))
        people = await choosable(read, acting)
        unseen = await lacking(read, found, [person for one in known for person in one.people])
        now = read.now
    return render(
        request,
        "automation/reports/sending.html",
        status,
        report=found,
        schedules=known,
        asked=asked,
        log=log.items,
        next=asked.next(log),
        words=_words(facts.locale),
        key=new_id(),
        values={"timezone": facts.timezone, "hour": "7", "every": "day"} | (typed.values if typed else {}),
        errors=errors or {},
        people=people,
        ticked=ticked(typed) if typed else {"pdf", str(acting.actor.id)},
        blind={one.id: [unseen[person] for person in one.people if person in unseen] for one in known},
        next_words=lambda one: next_words(one, now, facts.locale),
        **choices(facts.locale),
    )


async def choosable(read: Read, acting: Scope) -> list[tuple[str, str]]:
    """Give whom somebody may have a report sent to beside themselves; nobody where they may not share."""
    if not acting.may(operations.SHARE):
        return []
    return [(str(one.person_id), one.name) for one in await members(read)]


def ticked(fields: Fields) -> set[str]:
    """Give the forms and people that were ticked."""
    return {*fields.many("forms"), *fields.many("people")}


def choices(locale: str) -> dict[str, Any]:
    """Give what the form of a schedule offers."""
    return {
        "zones": sorted(available_timezones()),
        "weekdays": [(day, weekday_words(day, locale)) for day in range(1, _WEEK + 1)],
        "hours": [(hour, f"{hour:02d}:00") for hour in range(_HOURS)],
        "days": [(day, str(day)) for day in range(1, _MONTH + 1)],
    }


def next_words(one: schedules.ScheduleFacts, now: datetime, locale: str) -> str:
    """Say when a schedule is due next, on its own zone's clock and with the zone's name."""
    if one.next_at is None:
        return ""
    if one.next_at <= now:
        return _("Due now: it is sent as soon as the worker comes to it.")
    place, zone = dates_of(locale), ZoneInfo(one.timezone)
    return _("Next %(day)s, %(time)s (%(zone)s, %(name)s)") % {
        "day": format_date(one.next_at.astimezone(zone), "medium", locale=place),
        "time": format_time(one.next_at.astimezone(zone), "short", locale=place),
        "zone": one.timezone,
        "name": get_timezone_name(one.next_at.astimezone(zone), locale=place),
    }


def _words(locale: str) -> dict[str, Any]:
    return {
        "weekday": lambda day: weekday_words(day, locale),
        "state": {"waiting": _("waits"), "sent": _("sent"), "refused": _("not sent"), "failed": _("failed")},
        "tone": {"sent": "ok", "failed": "bad", "refused": "warn"},
        "why": {
            "": "",
            "left": _("Doesn't work here any more."),
            "archived": _("The report was archived."),
            "rights": _("May not see this report, or not take lists out."),
            "tries": _("Tried three times. Send it now; if it fails again, tell support."),
            "asked": _("What it is narrowed to isn't there any more. Open it, choose anew, and keep it."),
            "mail_limit": _("The e-mails of the day are used up. Send it now, tomorrow."),
            "address": _("The e-mail address is wrong. Correct it under People."),
        },
    }


def address(id: UUID) -> str:
    """Give where the sending of a report is set."""
    return f"/reports/kept/{id}/sending"


def _id(request: Request) -> UUID:
    return UUID(str(request.path_params["id"]))
