"""What an operator does for a business whose people are locked out: always with a reason, always told to its owners."""

from __future__ import annotations

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.identity import factor_resets, networks, queries
from retail.identity.doorkeeper import MEMORY
from retail.identity.entry_mail import tell_owners
from retail.kit.errors import Invalid, NotFound
from retail.kit.text import _
from retail.runtime.db import Tx
from retail.runtime.tenancy import Actor, Scope, TenantFacts
from retail.runtime.web.context import db, edge, person
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import redirect, render


async def show(request: Request) -> Response:
    """Show what can be done for a business: its list of networks opened, an owner's second factor removed."""
    return await _page(request, {}, {}, 200)


async def open_networks(request: Request) -> Response:
    """Let every network in for a day."""
    facts, reason, refused = await _asked(request)
    if refused is not None:
        return refused
    await db(request).run(_scope(request, facts), _open, facts, reason)
    MEMORY.forget(tenant=facts.id)
    said = _("Every network comes in for 24 hours. The owners were told.")
    return redirect(request, f"/platform/businesses/{facts.slug}/rescue", said=said, leave_tenant=True)


async def ask_factor_reset(request: Request) -> Response:
    """Ask for the removal of somebody's second factor in 24 hours."""
    facts, reason, refused = await _asked(request)
    if refused is not None:
        return refused
    try:
        wanted = UUID((await Fields.read(request)).raw("member"))
    except ValueError as wrong:
        raise NotFound("member") from wrong
    known = await db(request).run(_scope(request, facts), factor_resets.ask, facts, wanted, reason)
    said = _("The second step of %(name)s is removed in 24 hours unless an owner refuses. They were told.")
    return redirect(
        request,
        f"/platform/businesses/{facts.slug}/rescue",
        said=said % {"name": known.person_name},
        leave_tenant=True,
    )


async def _open(tx: Tx, facts: TenantFacts, reason: str) -> None:
    await networks.open_for_a_day(tx, reason)
    await tell_owners(tx, facts, "networks_opened", reason=reason)


async def _asked(request: Request) -> tuple[TenantFacts, str, Response | None]:
    fields = await Fields.read(request)
    reason = fields.text("reason", 500, required=True)
    facts = await _business(request)
    try:
        fields.check()
    except Invalid as invalid:
        return facts, reason, await _page(request, fields.values, invalid.errors, 422)
    return facts, reason, None


async def _page(request: Request, values: dict[str, str], errors: dict[str, list[str]], status: int) -> Response:
    facts = await _business(request)
    async with db(request).read(_scope(request, facts)) as read:
        owners = [(one.id, one.name) for one in await queries.members(read) if one.role == "owner"]
        waiting = await factor_resets.waiting(read)
        policy = await networks.policy(read)
    return render(
        request,
        "console/tenants/rescue.html",
        status,
        business=facts,
        owners=owners,
        waiting=waiting,
        policy=policy,
        values=values,
        errors=errors,
        now=db(request).clock.now(),
    )


async def _business(request: Request) -> TenantFacts:
    async with db(request).platform() as unit:
        row = await unit.fetchrow("SELECT * FROM auth_tenant($1)", request.path_params["slug"])
    if row is None:
        raise NotFound("tenant")
    return TenantFacts(**row)


def _scope(request: Request, facts: TenantFacts) -> Scope:
    who, here = person(request), edge(request)
    return Scope(facts.id, Actor("person", who.id, who.name), role="operator", request_id=here.request_id, ip=here.ip)
