"""Pages of recommendations: the strongest pairs, what is never suggested, working it out now."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.catalog import queries as catalog
from retail.identity.permissions import EDIT_CATALOGUE
from retail.kit.errors import Invalid
from retail.kit.paging import DEFAULT_LIMIT, Page
from retail.kit.text import _
from retail.recommending import jobs, operations, queries
from retail.recommending.queries import ORDERS, Wanted
from retail.recommending.words import lift_words, method_words, support_words
from retail.runtime.db import Read
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import db, scope, tenant
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import redirect, render

PATH: Final = "/products/recommendations"
EXCLUDES: Final = f"{PATH}/excludes"
LEAST: Final = ("10", "30", "100")
"""In how many baskets at least, as the filter offers it."""
PANEL: Final = 8
"""So many are on a product's page."""


async def wanted_in(read: Read, asked: Asked) -> Wanted:
    """Read from an address which pairs are wanted."""
    known = {one.id for one in await catalog.categories(read)}
    least = asked.option("least", LEAST)
    return Wanted(asked.search(), asked.one_of("category", known), int(least) if least in LEAST else 0)


async def index(request: Request) -> Response:
    """List what is bought together, the strongest pairs first."""
    asked, facts = Asked.of(request, PATH), tenant(request)
    order = asked.order(ORDERS)
    async with db(request).read(scope(request)) as read:
        wanted, groups = await wanted_in(read, asked), await catalog.categories(read)
        everything = queries.sees_all(read)
        page = (
            await asked.page(lambda after: queries.pairs(read, wanted, limit=DEFAULT_LIMIT, after=after, order=order))
            if everything
            else _nothing()
        )
        now = await queries.state(read)
    return render(
        request, "recommending/pairs/index.html", asked.status, asked=asked, next=asked.next(page), state=now,
        pairs=[(one, support_words(one.other.figures, facts.locale), lift_words(one.other.figures, facts.locale))
               for one in page.items],
        groups=[(str(one.id), one.name) for one in groups], least=LEAST, everything=everything,
        method=method_words(now.method) if now.method else "",
    )  # fmt: skip


def _nothing() -> Page[Any]:
    # Not Page[Any](...): calling the alias of a frozen class with slots raises a TypeError in Python 3.11.
    return Page([], None)


async def work_out(request: Request) -> Response:
    """Have everything worked out anew."""
    await db(request).run(scope(request), jobs.ask)
    return redirect(request, PATH)


async def excludes(request: Request) -> Response:
    """List what is never suggested."""
    asked = Asked.of(request, EXCLUDES)
    text = asked.search()
    async with db(request).read(scope(request)) as read:
        page = await asked.page(
            lambda after: queries.excludes(read, text=text, limit=DEFAULT_LIMIT, after=after)
        )  # fmt: skip
    return render(
        request, "recommending/excludes/index.html", asked.status, asked=asked, excludes=page.items,
        next=asked.next(page),
    )  # fmt: skip


async def exclude(request: Request) -> Response:
    """Never suggest a product with another, or at all; leads back to where it was said."""
    fields = await Fields.read(request)
    product, other = fields.uuid("product"), fields.uuid("other", required=False)
    back = _back(fields)
    try:
        fields.check()
        assert product is not None  # noqa: S101 - check() has said so
        await db(request).run(scope(request), operations.exclude, product, other)
    except Invalid as wrong:
        said = " ".join(sentence for sentences in wrong.errors.values() for sentence in sentences)
        return redirect(request, back, said=said, tone="warn")
    said = _("These two are no longer suggested together.") if other else _("It is no longer suggested anywhere.")
    return redirect(request, back, said=said, leads=(EXCLUDES, _("Never suggested")))


async def take_back(request: Request) -> Response:
    """Take an exclude back; leads back to where it was said."""
    fields = await Fields.read(request)
    await db(request).run(scope(request), operations.take_back, request.path_params["exclude"])
    return redirect(request, _back(fields), said=_("It may be suggested again."))


async def panel(read: Read, product: UUID, locale: str) -> dict[str, Any]:
    """Give what a product's page shows of this: nothing for who doesn't see all stores."""
    if not queries.sees_all(read):
        return {}
    found = await queries.also_bought(read, product, PANEL)
    kept = (
        (await queries.excludes(read, product=product, limit=DEFAULT_LIMIT)).items
        if read.scope.may(EDIT_CATALOGUE)
        else []
    )
    return {
        "together": [(one, support_words(one.figures, locale), lift_words(one.figures, locale)) for one in found],
        "together_at": (await queries.state(read)).worked_out_at,
        "never": kept,
        "never_at_all": next((one.id for one in kept if one.other is None), None),
    }


def _back(fields: Fields) -> str:
    """Give the page that a form stood on: a product's, or one of ours."""
    at = fields.uuid("at", required=False)
    if at is not None:
        return f"/products/{at}#together"
    return EXCLUDES if fields.raw("on") == "excludes" else PATH
