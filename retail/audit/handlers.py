"""Pages of the audit trail: the timeline with its filters, one record, a person's day, a thing's history, the proof."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from retail.audit import queries, words
from retail.audit.acts import act_of
from retail.audit.anchors import outside_of_process
from retail.audit.queries import AuditEvent, Somebody, Wanted
from retail.audit.subjects import Subject, subject_words, subjects_of
from retail.audit.verification import verify_chain
from retail.kit.money import format_cost
from retail.kit.text import _
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import db, scope, tenant
from retail.runtime.web.responses import render

PATIENCE: Final = 120
"""Seconds that one statement of a proof or a file may take."""
_MOST_OF_A_DAY: Final = 500


async def index(request: Request) -> Response:
    """List the trail, newest first; everything that narrows it is in the address."""
    asked = Asked.of(request, "/audit")
    async with db(request).read(scope(request)) as read:
        people, actions = await queries.people(read), await queries.actions(read)
        wanted = wanted_in(asked, _zone(request), people, actions)
        page = await asked.page(lambda after: queries.events(read, wanted, after=after))
        known = await subjects_of(read, page.items)
    return render(
        request,
        "audit/index.html",
        asked.status,
        asked=asked,
        events=page.items,
        next=asked.next(page),
        people=[(str(one.id), one.name) for one in people],
        actions=sorted(((name, words.action_words(name)) for name in actions), key=lambda pair: pair[1]),
        **_common(request, known),
    )


async def show(request: Request) -> Response:
    """Show one record: who, what, from where, before and after, and its place on the chain."""
    async with db(request).read(scope(request)) as read:
        event, place = await queries.event(read, request.path_params["event"])
        known = await subjects_of(read, [event])
        act = await act_of(read, event)
    return render(
        request,
        "audit/show.html",
        event=event,
        place=place,
        act=act,
        device=known.get(event.device_id) if event.device_id else None,
        page=words.page_of(event.subject_kind, event.subject_id),
        **_common(request, known),
    )


async def person(request: Request) -> Response:
    """Show what somebody did on one day, in the order in which they did it."""
    who = request.path_params["person"]
    asked = Asked.of(request, f"/audit/people/{who}")
    zone = ZoneInfo(tenant(request).timezone)
    today = db(request).clock.now().astimezone(zone).date()
    day = asked.day("day", required=False) or today
    asked.refuse_others()
    asked.check()
    async with db(request).read(scope(request)) as read:
        people = {one.id: one for one in await queries.people(read)}
        wanted = Wanted(actor=who, first=day, last=day, zone=zone)
        page = await queries.events(read, wanted, limit=_MOST_OF_A_DAY)
        counts = await queries.counts(read, wanted)
        known = await subjects_of(read, page.items)
    return render(
        request,
        "audit/person.html",
        asked=asked,
        somebody=people.get(who) or Somebody("person", who, _("Somebody")),
        day=day,
        before=asked.address(day=str(day - timedelta(days=1))),
        after=asked.address(day=str(day + timedelta(days=1))) if day < today else None,
        events=page.items[::-1],
        more=page.next is not None,
        counts=counts,
        addresses=sorted({event.ip for event in page.items if event.ip}),
        **_common(request, known),
    )


async def subject(request: Request) -> Response:
    """Show everything that ever happened to one thing."""
    kind, id = request.path_params["kind"], request.path_params["subject"]
    asked = Asked.of(request, f"/audit/objects/{kind}/{id}")
    asked.refuse_others()
    async with db(request).read(scope(request)) as read:
        wanted = Wanted(subject_kind=kind, subject=id)
        page = await asked.page(lambda after: queries.events(read, wanted, after=after))
        known = await subjects_of(read, page.items)
        name = await queries.subject_name(read, id)
    return render(
        request,
        "audit/subject.html",
        asked.status,
        asked=asked,
        kind=kind,
        name=name or words.kind_words(kind),
        events=page.items,
        next=asked.next(page),
        page=words.page_of(kind, id),
        **_common(request, known),
    )


async def proof(request: Request) -> Response:
    """Verify the whole trail now, and show what was found."""
    async with db(request).read(scope(request), seconds=PATIENCE) as read:
        found = await verify_chain(read, outside_of_process())
    return render(request, "audit/proof.html", found=found)


def _common(request: Request, known: Mapping[UUID, Subject]) -> dict[str, Any]:
    """Give what every page with records needs."""
    zone = ZoneInfo(tenant(request).timezone)

    def day_of(at: datetime) -> str:
        return str(at.astimezone(zone).date())

    def name_of(event: AuditEvent) -> str:
        return subject_words(event, known)

    facts = tenant(request)

    def cost(minor: Decimal) -> str:
        return format_cost(minor, facts.money, facts.locale)

    names = {str(id): one.name for id, one in known.items()}
    return {"words": words, "names": names, "name_of": name_of, "day_of": day_of, "cost": cost}


def _zone(request: Request) -> ZoneInfo:
    return ZoneInfo(tenant(request).timezone)


def wanted_in(asked: Asked, zone: ZoneInfo, people: list[Somebody], actions: list[str]) -> Wanted:
    """Read the filters; links from other pages may also name a thing, a device, a session or a request.

    Any other name is refused. Words that are typed are also looked for in what the pages call each of the `actions`.
    """
    first, last = asked.period()
    text = asked.search()
    found = Wanted(
        text=text,
        said=frozenset(name for name in actions if text and text.casefold() in words.action_words(name).casefold()),
        actor=asked.one_of("person", {one.id for one in people if one.id}),
        action=asked.option("action", actions),
        ip=asked.ip("ip"),
        first=first,
        last=last,
        zone=zone,
    )
    more: dict[str, Any] = {name: asked.uuid(name, required=False) for name in ("subject", "device", "session")}
    found = replace(found, request=asked.text("request", 64), **more)
    asked.refuse_others()
    return found
