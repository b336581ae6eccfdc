"""Pages of scenarios: keeping what was supposed, the list, and one beside what happened."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.analytics import writing
from retail.foresight import scenarios, what_if
from retail.foresight.asking import PATH, wanted_in
from retail.foresight.scenarios import Scenario, Supposition
from retail.foresight.supposing import Line
from retail.foresight.supposing_words import lever_words, verdict_words
from retail.foresight.words import amount_words, level_words
from retail.kit.errors import IdempotencyConflict
from retail.kit.ids import new_id
from retail.kit.paging import DEFAULT_LIMIT
from retail.kit.text import _
from retail.runtime.db import Tx
from retail.runtime.tenancy import TenantFacts
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import db, scope, tenant
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import json_answer, redirect, render

SCENARIOS: Final = f"{PATH}/scenarios"


def shows_archived(asked: Asked) -> bool:
    """Read from an address whether those that were put away are wanted."""
    return asked.option("show", ("archived",)) == "archived"


async def index(request: Request) -> Response:
    """List scenarios."""
    asked, facts = Asked.of(request, SCENARIOS), tenant(request)
    archived = shows_archived(asked)
    async with db(request).read(scope(request)) as read:
        page = await asked.page(
            lambda after: scenarios.scenarios(read, archived=archived, limit=DEFAULT_LIMIT, after=after)
        )
    return render(
        request, "foresight/scenarios/index.html", asked.status, asked=asked, next=asked.next(page), of=subject_words,
        scenarios=page.items, amount=lambda one, value: amount_words(facts, one.measure, value), archived=archived,
        levers=lambda one: ", ".join(lever_words(one.levers, facts.locale)),
    )  # fmt: skip


def subject_words(one: Scenario) -> str:
    """Say what a scenario is of."""
    measure = _("units") if one.measure == "units" else _("revenue")
    return ", ".join(
        part for part in (one.subject, one.store or ("" if one.subject else level_words("total")), measure) if part
    )


async def keep(request: Request) -> Response:
    """Keep what the form of what if says under a name; wrong levers lead back to it."""
    form, facts = await Fields.read(request), tenant(request)
    values = {name: value for name, value in form.values.items() if value}
    asking, asked = what_if.Asking(values), Asked(PATH, values)
    name = form.text("name", scenarios.NAME_LENGTH) or ", ".join(lever_words(asking.levers, facts.locale))
    if asking.errors or form.errors:
        return redirect(request, f"{PATH}?{urlencode({n: v for n, v in values.items() if n != 'scenario'})}#what-if")

    async def store(tx: Tx) -> UUID | None:
        wanted = await wanted_in(tx, asked)
        asked.check()
        told = await what_if.answer(tx, facts, wanted, asking)
        if told is None:
            return None
        plain, line = (what_if.of_measure(wanted, one) for one in (told.plain, told.made))
        id = form.uuid("scenario", required=False) or new_id()
        cut = name[: scenarios.NAME_LENGTH]
        of = Supposition(id, cut, wanted, asking.levers, told.elasticity, told.made.first, plain.likely, line)
        try:
            return await scenarios.keep(tx, of)
        except IdempotencyConflict:  # somebody went back, set other levers and keeps those too
            return await scenarios.keep(tx, replace(of, id=new_id()))

    kept = await db(request).run(scope(request), store)
    if kept is None:
        return redirect(request, PATH, said=_("Nothing is forecast yet that could be supposed otherwise."), tone="warn")
    return redirect(request, f"{SCENARIOS}/{kept}", said=_("Kept. What happens will stand beside it."))


async def show(request: Request) -> Response:
    """Show a scenario: what was forecast, what was supposed, and what happened."""
    facts = tenant(request)
    async with db(request).read(scope(request)) as read:
        one = await scenarios.scenario(read, request.path_params["scenario"])
        sold = await scenarios.happened(read, one)
    days = [one.first_day + timedelta(days=at) for at in range(len(one.plain))]

    def written(value: Decimal) -> str:
        return amount_words(facts, one.measure, value)

    over = [at for at, day in enumerate(days) if day in sold]
    sums = (
        sum((one.plain[at] for at in over), Decimal(0)),
        sum((one.likely[at] for at in over), Decimal(0)),
        sum((sold[days[at]] for at in over), Decimal(0)),
    )
    plain, then, real = (written(value) for value in sums)
    return render(
        request, "foresight/scenarios/show.html", one=one, subject=subject_words(one),
        levers=lever_words(one.levers, facts.locale), amount=written,
        verdict=verdict_words(*sums, (plain, then, real), (len(over), len(days))) if over else "",
        days=[_day(facts, one, at, day, sold.get(day)) for at, day in enumerate(days)],
        again=f"{PATH}?{urlencode(_address(one))}#what-if",
    )  # fmt: skip


async def rows(request: Request) -> Response:
    """Give the rows of its chart: what happened as the line, what was supposed as the dashes."""
    facts = tenant(request)
    async with db(request).read(scope(request)) as read:
        one = await scenarios.scenario(read, request.path_params["scenario"])
        sold = await scenarios.happened(read, one)
    line = [sold.get(one.first_day + timedelta(days=at)) for at in range(len(one.plain))]
    low, high = ([float(value) for value in side] if side else None for side in (one.low, one.high))
    then = Line([float(value) for value in one.likely], low, high)
    return json_answer(what_if.chart_rows(facts, one.measure, one.first_day, line, then))


async def archive(request: Request) -> Response:
    """Put a scenario away."""
    await db(request).run(scope(request), scenarios.archive, request.path_params["scenario"])
    return redirect(request, SCENARIOS, said=_("Put away. It stays in the list of those put away."))


def _day(facts: TenantFacts, one: Scenario, at: int, day: Any, sold: Decimal | None) -> dict[str, str]:  # noqa: ANN401
    return {
        "day": writing.long_day(day, facts.locale),
        "plain": amount_words(facts, one.measure, one.plain[at]),
        "then": amount_words(facts, one.measure, one.likely[at]),
        "sold": "" if sold is None else amount_words(facts, one.measure, sold),
    }


def _address(one: Scenario) -> dict[str, str]:
    """Give the address's values that open the same levers on the forecast of now."""
    levers, wanted = one.levers, one.wanted
    values = {
        "days": str(len(one.plain)),
        "measure": one.measure,
        "store": wanted.store,
        "category": wanted.category,
        "product": wanted.product,
        "price": levers.price,
        "off": levers.off,
        "off_from": levers.off_from,
        "off_to": levers.off_to,
        "growth": levers.growth,
        "lead": levers.lead,
        **{f"closed{place}": day for place, day in enumerate(levers.closed, start=1)},
    }
    return {name: str(value) for name, value in values.items() if value not in (None, 0)}
