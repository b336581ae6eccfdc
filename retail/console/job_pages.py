"""The operator's pages of scheduled jobs: how each ran, run now, paused and going on; and of jobs that failed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.automation.exports.walking import Col, Walk
from retail.comms.cursors import before, following
from retail.comms.operator_pages import operators_scope
from retail.console import files
from retail.console.business_pages import scope_in
from retail.console.businesses import note_on_platform
from retail.kit.errors import NotFound
from retail.kit.paging import Page
from retail.kit.text import _
from retail.runtime import jobs, timetable
from retail.runtime.audit_record import PLATFORM
from retail.runtime.db import Tx, Unit
from retail.runtime.telemetry import cleaned
from retail.runtime.timetable import FailedJob
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import db
from retail.runtime.web.responses import redirect, render

AT = "/platform/jobs"
FAILED = f"{AT}/failed"
_PAGE = 50


async def index(request: Request) -> Response:
    """Show the timetable: when each job is due, whether it is paused, how it ran in the last day."""
    async with db(request).platform() as unit:
        said, runs = await timetable.said_of_jobs(unit), await timetable.runs_of_jobs(unit)
        failed = sum((await timetable.failed_names(unit)).values())
    now = db(request).clock.now()
    rows = [
        (entry, entry.next_at(now), said.get(entry.job, timetable.Said()), runs.get(entry.job, timetable.Runs()))
        for entry in timetable.ENTRIES
    ]
    return render(request, "console/jobs/index.html", rows=rows, failed=failed, now=now, cleaned=cleaned, lasted=lasted)


async def run(request: Request) -> Response:
    """Have a job run now."""
    return await _said(request, timetable.ask, _("It begins within a minute, for every business."))


async def pause(request: Request) -> Response:
    """Keep a job from being queued."""
    return await _said(request, timetable.pause, _("It is paused: what is due isn't begun until you let it go on."))


async def resume(request: Request) -> Response:
    """Let a job go on."""
    return await _said(request, timetable.resume, _("It goes on, and catches up with what is due today."))


async def failed(request: Request) -> Response:
    """List the jobs that failed for good, the last first."""
    asked = Asked.of(request, FAILED)
    async with db(request).platform() as unit:
        names = await timetable.failed_names(unit)
        walk = await _walk(unit, asked, _PAGE)
        asked.refuse_others()
        page = await asked.page(walk)
    choices = [(one, f"{one} ({count})") for one, count in names.items()]
    return render(
        request, "console/jobs/failed.html", asked.status, asked=asked, page=page, names=choices, cleaned=cleaned
    )


async def retry(request: Request) -> Response:
    """Take a failed job up again, with all its tries."""
    tenant, id = request.path_params["tenant"], request.path_params["id"]
    if not await db(request).run(scope_in(request, tenant), jobs.try_again, id):
        raise NotFound("job")
    return await _told(request, "job.taken_up_again", tenant, _("It is tried again."))


async def drop(request: Request) -> Response:
    """Forget a failed job."""
    tenant = request.path_params["tenant"]
    await db(request).run(scope_in(request, tenant), timetable.drop, request.path_params["id"])
    return await _told(request, "job.dropped", tenant, _("It is forgotten."))


def lasted(seconds: float | None) -> str:
    """Say how long a run took."""
    if seconds is None:
        return "\N{EN DASH}"
    if seconds < 1:
        return _("under 1 s")
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


async def _walk(unit: Unit, asked: Asked, most: int = files.AT_ONCE) -> Walk:
    """Read the address of the failed ones; gives what reads a page of the list."""
    name = asked.choice("name", await timetable.failed_names(unit), required=False)

    async def page(after: str | None) -> Page[FailedJob]:
        found = await timetable.failed_jobs(unit, name, *before(after), most + 1)
        listed = [replace(one, error=cleaned(one.error or "")) for one in found[:most]]
        return Page(listed, following(listed[-1].failed_at, listed[-1].id) if len(found) > most else None)

    return page


export = files.as_file(
    "failed-jobs",
    (
        Col("job", at="name"), Col("business"), Col("slug"), Col("asked_at", "moment", "created_at"),
        Col("failed_at", "moment"), Col("tries", "plain", "attempts"), Col("error"), Col("id", "plain"),
    ),
    _walk,
)  # fmt: skip


async def _said(request: Request, act: Callable[[Tx, str], Awaitable[None]], said: str) -> Response:
    await db(request).run(operators_scope(request), act, request.path_params["job"])
    return redirect(request, AT, said=said)


async def _told(request: Request, action: str, tenant: UUID, said: str) -> Response:
    if tenant != PLATFORM:
        await note_on_platform(db(request), scope_in(request, tenant), action)
    return redirect(request, FAILED, said=said)
