"""The bell, the centre that lists what somebody was told of, and marking it read."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.kit.errors import NotFound
from retail.kit.paging import DEFAULT_LIMIT
from retail.notifications import operations, queries
from retail.notifications.kinds import KINDS, OFFERED
from retail.notifications.queries import Notification
from retail.notifications.saying import Said
from retail.notifications.words import say
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import db, person, scope, tenant
from retail.runtime.web.responses import redirect, render

PATH = "/notices"


@dataclass(frozen=True, slots=True)
class Shown:
    """A notification with its words; `opens`: whether its reader may see the page that it leads to."""

    one: Notification
    said: Said
    glyph: str
    opens: bool


async def index(request: Request) -> Response:
    """List what the reader was told of, newest first; of one kind, or what is new."""
    asked, me = Asked.of(request, PATH), person(request).id
    kind = asked.option("kind", OFFERED)
    new = asked.flag("new")
    async with db(request).read(scope(request)) as read:
        page = await asked.page(
            lambda after: queries.notifications(read, me, limit=DEFAULT_LIMIT, after=after, kind=kind, new=new)
        )
        waiting = await queries.unread(read, me)
    return render(
        request,
        "notifications/index.html",
        asked.status,
        asked=asked,
        shown=[_shown(request, one) for one in page.items],
        waiting=waiting,
        kinds=[(one.name, one.words) for one in OFFERED.values()],
        next=asked.next(page),
        first=asked.first,
    )


async def unread(request: Request) -> Response:
    """Give the number that stands at the bell."""
    async with db(request).read(scope(request)) as read:
        waiting = await queries.unread(read, person(request).id)
    return render(request, "notifications/_unread.html", waiting=waiting, most=queries.MOST_COUNTED)


async def show(request: Request) -> Response:
    """Lead to what a notification speaks of: the page that a push opens. Raises NotFound."""
    async with db(request).read(scope(request)) as read:
        found = await queries.one_of(read, person(request).id, _id(request))
    if found is None:
        raise NotFound("notification")
    shown = _shown(request, found)
    return redirect(request, shown.said.to if shown.opens else PATH)


async def create_reading(request: Request) -> Response:
    """Mark all of one's own read."""
    await db(request).run(scope(request), operations.mark_read)
    return redirect(request, PATH)


async def create_one_reading(request: Request) -> Response:
    """Mark one read."""
    await db(request).run(scope(request), operations.mark_read, _id(request))
    return redirect(request, PATH)


def _shown(request: Request, one: Notification) -> Shown:
    said = say(one, tenant(request))
    kind = KINDS.get(one.kind)
    may = said.permission is None or scope(request).may(said.permission)
    return Shown(one, said, kind.glyph if kind else "info", bool(said.to) and may)


def _id(request: Request) -> UUID:
    id: UUID = request.path_params["notification"]
    return id
