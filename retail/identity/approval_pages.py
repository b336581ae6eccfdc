"""The page of approvals, made for a phone: what is asked, who, where, how much, the basket; one tap answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.identity import approvals
from retail.identity.approval_queries import Approval, answered, approval, waiting
from retail.identity.approval_rules import percent_text
from retail.identity.permissions import APPROVE, permission
from retail.kit.errors import DomainError, NotFound
from retail.kit.money import format_money
from retail.kit.paging import DEFAULT_LIMIT
from retail.kit.text import _
from retail.runtime.db import Read
from retail.runtime.tenancy import Scope, TenantFacts
from retail.runtime.web.context import db, edge, scope, tenant
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import redirect, render

_TONES: Final = {"asked": "info", "granted": "ok", "used": "ok", "refused": "bad", "withdrawn": "", "expired": "warn"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as a card says it. `obstacle`: why this reader can't grant it, '' where they can."""

    request: Approval
    state: str
    words: str
    tone: str
    what: str
    how_much: str
    obstacle: str


async def index(request: Request) -> Response:
    """Show what waits, live, and what became of the rest."""
    return await _page(request, "", 200)


async def cards(request: Request) -> Response:
    """Give what waits: fetched again whenever something was asked or answered."""
    async with db(request).read(scope(request)) as read:
        return render(request, "identity/approvals/_waiting.html", **await _waiting(request, read))


async def create_answer(request: Request) -> Response:
    """Grant or refuse."""
    id: UUID = request.path_params["approval"]
    fields = await Fields.read(request)
    decision = fields.choice("decision", ("granted", "refused"))
    said = fields.text("answer", approvals.TEXT_MOST)
    fields.check()
    try:
        made = await db(request).run(scope(request), approvals.answer, id, granted=decision == "granted", said=said)
    except NotFound:
        raise
    except DomainError as refused:
        return await _page(request, refused.sentence(), refused.status)
    name = made.asked_by_name
    told = _("Granted. %(name)s can go on.") if decision == "granted" else _("Refused. %(name)s is told.")
    return redirect(request, "/approvals", said=told % {"name": name})


async def state(request: Request) -> Response:
    """Say how a request stands, to who asked: a form of the back office waits for it."""
    id: UUID = request.path_params["approval"]
    asker = scope(request)
    async with db(request).read(asker) as read:
        found = await approval(read, id)
        if found is None or (found.asked_by != asker.actor.id and not asker.may_in(APPROVE, found.store)):
            raise NotFound("approval")
        one = asked(found, read, asker, tenant(request))
    return render(request, "identity/approvals/_state.html", one=one)


async def _page(request: Request, problem: str, status: int) -> Response:
    after = request.query_params.get("after") or None
    async with db(request).read(scope(request)) as read:
        page = await answered(read, limit=DEFAULT_LIMIT, after=after)
        open_now = await _waiting(request, read)
        done = [asked(one, read, scope(request), tenant(request)) for one in page.items]
    return render(
        request,
        "identity/approvals/index.html",
        status,
        **open_now,
        done=done,
        problem=problem,
        next=f"/approvals?after={page.next}" if page.next else None,
        first="/approvals" if after else None,
        live=f"{edge(request).base}/live?topic=approvals",
    )


async def _waiting(request: Request, read: Read) -> dict[str, Any]:
    found = await waiting(read)
    return {"waiting": [asked(one, read, scope(request), tenant(request)) for one in found]}


def asked(one: Approval, read: Read, reader: Scope, facts: TenantFacts) -> Asked:
    """Write a request for somebody who reads it."""
    one = one.told_to(reader.actor.id)
    state = one.standing(read.now)
    known = permission(one.permission)

    def written(amount: int | None) -> str:
        if amount is None:
            return ""
        if known.limit == "percent":
            return percent_text(amount)
        return format_money(amount, facts.money, facts.locale)

    how_much = written(one.facts.get("percent", one.amount))
    if how_much and one.limit is not None:
        how_much = _("%(amount)s, may give %(limit)s alone") % {"amount": how_much, "limit": written(one.limit)}
    return Asked(one, state, _state_words(state), _TONES[state], known.words, how_much, _obstacle(one, reader))


def _obstacle(one: Approval, reader: Scope) -> str:
    if reader.actor.id == one.asked_by:
        return _("You asked for this yourself: somebody else must answer.")
    if reader.decide(APPROVE, None, one.store) != "allowed" or (
        reader.decide(one.permission, one.amount, one.store) != "allowed"
    ):
        return _("This is more than you may approve there.")
    return ""


def _state_words(state: str) -> str:
    return {
        "asked": _("Waiting"),
        "granted": _("Granted"),
        "used": _("Granted and used"),
        "refused": _("Refused"),
        "withdrawn": _("Taken back"),
        "expired": _("Too late"),
    }[state]
