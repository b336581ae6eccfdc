"""Pages for changing many prices at once: the rule, what it comes to, what was done, and undoing it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.catalog import queries
from retail.catalog.handlers import uuid_in
from retail.catalog.prices import batches, history, reading
from retail.catalog.prices.batches import SMALL
from retail.catalog.prices.errors import LaterInThePast
from retail.catalog.prices.forms import REASON_LENGTH, basis_text, moment_in, plan_in
from retail.catalog.prices.reckoning import KINDS, endings
from retail.catalog.prices.surveying import Choice, Plan, Survey
from retail.catalog.prices.surveying import survey as survey_of
from retail.catalog.prices.undoing import undo_batch
from retail.identity.permissions import VIEW_COSTS
from retail.kit.errors import Conflict, Invalid
from retail.kit.ids import new_id
from retail.kit.money import format_money
from retail.kit.paging import DEFAULT_LIMIT
from retail.kit.text import _, ngettext
from retail.runtime.db import Read
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import db, scope, tenant
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import redirect, render

PATH: Final = "/products/prices/batches"
CHANGED: Final = 409
"""Prices are others than those that were shown when the button was pressed."""


async def index(request: Request) -> Response:
    """Show the changes of many prices, the newest first."""
    async with db(request).read(scope(request)) as read:
        found = await batches.batches(read)
    return render(request, "catalog/prices/batches.html", batches=[(one, words(request, one)) for one in found])


async def new(request: Request) -> Response:
    """Show the form; the address may name a list, a category or words."""
    known = {name: request.query_params.get(name, "")[:100] for name in ("list", "category", "tag", "q")}
    return await _form(request, {"kind": "percent", "id": str(new_id())} | known, {})


async def preview(request: Request) -> Response:
    """Show what a rule comes to, without changing anything: the part of the page below the form."""
    fields = Fields(request.query_params, tenant(request).locale)
    if not fields.raw("value").strip():
        return render(request, "catalog/prices/_survey.html", survey=None, errors={})
    try:
        async with db(request).read(scope(request)) as read:
            plan = await _plan(request, read, fields, _moment(request, fields))
            survey = await survey_of(read, plan)
    except Invalid as wrong:
        return render(request, "catalog/prices/_survey.html", 422, survey=None, errors=wrong.errors)
    return render(request, "catalog/prices/_survey.html", **_surveyed(request, survey, plan), errors={})


async def create(request: Request) -> Response:
    """Do it, at once or from a moment on, where the button beneath the new prices was pressed; else show them."""
    fields = await Fields.read(request)
    id = fields.uuid("id", required=False) or new_id()
    try:
        if await _is_begun(request, id):
            return redirect(request, f"{PATH}/{id}")
        at = _moment(request, fields)
        reason = fields.text("reason", REASON_LENGTH)
        async with db(request).read(scope(request)) as read:
            plan = await _plan(request, read, fields, at)
            if at is not None and at <= read.now:
                raise LaterInThePast
            survey = await survey_of(read, plan)
        if fields.raw("seen") != survey.mark:
            if await _is_begun(request, id):  # meanwhile, by the other of two clicks: it changed what we have read
                return redirect(request, f"{PATH}/{id}")
            return await _form(request, fields.values, {}, CHANGED if fields.raw("seen") else 200)
        await db(request).run(scope(request), batches.start, id, plan, at, reason)
    except Invalid as wrong:
        return await _form(request, fields.values, wrong.errors, 422)
    return redirect(request, f"{PATH}/{id}")


async def _is_begun(request: Request, id: UUID) -> bool:
    async with db(request).read(scope(request)) as read:
        return await batches.is_begun(read, id)


async def show(request: Request) -> Response:
    """Show one change of many prices with what became of each."""
    id = uuid_in(request)
    asked = Asked.of(request, f"{PATH}/{id}")
    async with db(request).read(scope(request)) as read:
        facts = await batches.batch(read, id)
        page = await asked.page(lambda after: history.changes(read, limit=DEFAULT_LIMIT, after=after, batch=id))
        done = await read.fetchrow(
            "SELECT done, total FROM job WHERE tenant_id = $1 AND id = $2", read.tenant, facts.job
        )
    return render(
        request,
        "catalog/prices/batch.html",
        asked.status,
        batch=facts,
        words=words(request, facts),
        changes=page.items,
        next=asked.next(page),
        asked=asked,
        done=done,
    )


async def undo(request: Request) -> Response:
    """Undo all of it that nobody has changed since."""
    id = uuid_in(request)
    try:
        undone = await db(request).run(scope(request), undo_batch, id)
    except Conflict as late:
        return redirect(request, f"{PATH}/{id}", said=late.sentence(), tone="warn")
    if undone is None:
        return redirect(request, f"{PATH}/{id}")
    said = ngettext("%(num)d price is as it was before.", "%(num)d prices are as they were before.", undone.back) % {
        "num": undone.back
    }
    if undone.kept:
        kept = ngettext("%(num)d was changed since and stays.", "%(num)d were changed since and stay.", undone.kept) % {
            "num": undone.kept
        }
        said = f"{said} {kept}"
    return redirect(request, f"{PATH}/{id}", said=said)


def words(request: Request, facts: batches.BatchFacts) -> str:
    """Say what a rule does, in a few words."""
    rule, money = facts.rule, tenant(request).money
    sign = "+" if rule.value >= 0 else "\u2212"
    if rule.kind == "percent":
        said = f"{sign}{basis_text(abs(rule.value))} %"
    elif rule.kind == "margin":
        said = _("a margin of %(margin)s %%") % {"margin": basis_text(rule.value)}
    elif rule.kind == "amount":
        said = f"{sign}{format_money(abs(rule.value), money, tenant(request).locale)}"
    else:
        said = format_money(rule.value, money, tenant(request).locale)
    ending = next((key for key, one in endings(money).items() if one == rule.ending), "")
    return _("%(rule)s, ending %(ending)s") % {"rule": said, "ending": ending} if ending else said


def _moment(request: Request, fields: Fields) -> datetime | None:
    return moment_in(fields, "at", tenant(request).timezone)


async def _plan(request: Request, read: Read, fields: Fields, at: datetime | None) -> Plan:
    categories = {one.id for one in await queries.categories(read)}
    lists = {facts.of.id for facts in await reading.price_lists(read)}
    kinds = KINDS if scope(request).holds(VIEW_COSTS) else [one for one in KINDS if one != "margin"]
    return replace(plan_in(fields, tenant(request), categories, lists, kinds), at=at)


def _surveyed(request: Request, survey: Survey, plan: Plan) -> dict[str, Any]:
    problems = {
        "no_cost": _("without a cost, so no margin can be reached"),
        "below_zero": _("that would fall below zero"),
        "too_much": _("that would cost too much"),
        "free": _("that would cost nothing"),
    }
    return {
        "survey": survey,
        "free": survey.problems.get("free", 0),
        "everything": plan.choice == Choice(),
        "problems": [(problems[name], count) for name, count in survey.problems.items()],
        "problem_words": problems,
        "with_costs": scope(request).holds(VIEW_COSTS),
        "percent": basis_text,
        "planned": plan.at is not None,
        "in_job": survey.changing + survey.staying > SMALL,
    }


async def _form(request: Request, values: dict[str, str], errors: dict[str, list[str]], status: int = 200) -> Response:
    async with db(request).read(scope(request)) as read:
        groups, lists = await queries.categories(read), await reading.price_lists(read)
        shown = {}
        if not errors and values.get("value"):
            typed = Fields(values, tenant(request).locale)
            plan = await _plan(request, read, typed, _moment(request, typed))
            shown = _surveyed(request, await survey_of(read, plan), plan) | {"moved": status == CHANGED}
    kinds = [
        ("percent", _("plus or minus a percentage")),
        ("amount", _("plus or minus an amount")),
        ("margin", _("to reach a margin")),
        ("exact", _("to one price")),
    ]
    own = tenant(request).money.code
    return render(
        request,
        "catalog/prices/batch_new.html",
        status,
        **({"survey": None} | shown),
        values=values,
        errors=errors,
        kinds=kinds if scope(request).holds(VIEW_COSTS) else [one for one in kinds if one[0] != "margin"],
        endings=[(key, key.replace("x", "…")) for key in endings(tenant(request).money)],
        categories=[(str(one.id), one.indented) for one in groups],
        lists=[(str(facts.of.id), facts.of.name) for facts in lists if facts.of.currency == own],
        elsewhere=[facts.of.name for facts in lists if facts.of.currency != own],
    )
