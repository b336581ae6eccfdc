"""The list of products as its address asks for it, and the ticked rows as its form sends them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from starlette.responses import Response

from retail.catalog.bulk import MOST_AT_ONCE, Changed, Pick
from retail.catalog.products.traits import KINDS
from retail.catalog.queries import CategoryFacts, TaxClassFacts, Wanted, categories, tax_classes
from retail.kit.money import Currency
from retail.kit.text import _, ngettext
from retail.runtime.db import Read
from retail.runtime.tenancy import TenantFacts
from retail.runtime.web.asked import Asked
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import toast

SHOWS: Final = ("sold", "scheduled", "archived")
_MOST_VERSION: Final = 2**63


@dataclass(frozen=True, slots=True)
class Choices:
    """What the filters of the list offer, and how its prices are typed."""

    categories: Sequence[CategoryFacts]
    taxes: Sequence[TaxClassFacts]
    money: Currency
    locale: str


async def choices(read: Read, facts: TenantFacts) -> Choices:
    """Read what the filters offer."""
    return Choices(await categories(read), await tax_classes(read), facts.money, facts.locale)


def wanted_in(asked: Asked, known: Choices) -> Wanted:
    """Read from an address which products are wanted; what can't be is told by `asked.errors`."""
    asked.locale = known.locale
    show = asked.option("show", SHOWS)
    wanted = Wanted(
        text=asked.search(),
        category=asked.one_of("category", {one.id for one in known.categories}),
        archived=show == "archived",
        status=show if show in {"sold", "scheduled"} else "",  # type: ignore[arg-type]
        tag=asked.text("tag", 40),
        tax_class=asked.one_of("tax", {one.id for one in known.taxes}),
        kind=asked.option("kind", KINDS),
        low=asked.option("low", ("1",)) == "1",
        no_picture=asked.option("no_picture", ("1",)) == "1",
        price_from=_price(asked, "price_from", known.money),
        price_to=_price(asked, "price_to", known.money),
    )
    if wanted.price_from is not None and wanted.price_to is not None and wanted.price_to < wanted.price_from:
        asked.error("price_to", _("This can't be below the lowest price."))
    return wanted


def _price(asked: Asked, name: str, money: Currency) -> int | None:
    minor = asked.money(name, money, required=False)
    return minor if asked.typed(name).strip() else None


def picks_in(texts: Collection[str]) -> list[Pick]:
    """Read ticked rows, "<product>@<version>" and whatever else they say; each product once, what is none left out."""
    found: dict[UUID, Pick] = {}
    for text in texts:
        id, version = (*text.split("@"), "0")[:2]
        try:
            pick = Pick(UUID(id), int(version))
        except ValueError:
            continue
        if 0 <= pick.version < _MOST_VERSION:
            found[pick.id] = pick
    return list(found.values())


def picked(fields: Fields) -> list[Pick]:
    """Read the ticked rows of a form, which has at least one; files what is wrong with them under ''."""
    found = picks_in(fields.many("ids"))
    if not found:
        fields.error("", _("Tick at least one row first."))
    if len(found) > MOST_AT_ONCE:
        fields.error("", _("Tick at most %(most)d rows at once.") % {"most": MOST_AT_ONCE})
    return found


def refused(fields: Fields) -> Response:
    """Answer that nothing was changed, with the form's sentences as a toast."""
    said = " ".join(sentence for sentences in fields.errors.values() for sentence in sentences)
    return toast(Response(status_code=422), said, "warn")


def outcome(done: str, changed: Changed) -> str:
    """Say in one sentence what came of it."""
    if not changed.passed_over:
        return done
    rest = ngettext(
        "%(num)d was changed by somebody else meanwhile: look at it again",
        "%(num)d were changed by somebody else meanwhile: look at them again",
        len(changed.passed_over),
    ) % {"num": len(changed.passed_over)}
    return _("%(done)s; %(rest)s.") % {"done": done.removesuffix("."), "rest": rest}
