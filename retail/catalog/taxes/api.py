"""The JSON API of tax classes: their rates and parts now, and those of days to come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response

from retail.catalog import operations, queries
from retail.catalog.queries import TaxClassFacts
from retail.catalog.taxes import dating, keeping
from retail.catalog.taxes.dating import DatedRate
from retail.catalog.taxes.parting import as_json, parts_of, refuse_wrong, told
from retail.catalog.taxes.rules import Part, whole_rate
from retail.catalog.taxes.schemas import NewTaxClass, TaxClassChange
from retail.identity.permissions import EDIT_CATALOGUE, VIEW_CATALOGUE
from retail.kit.errors import Invalid, NotFound
from retail.kit.ids import new_id
from retail.kit.stamps import stamp
from retail.kit.text import _
from retail.runtime.db import Read, Tx
from retail.runtime.tenancy import Scope
from retail.runtime.web.api import allow
from retail.runtime.web.context import db
from retail.runtime.web.idempotency import idempotent
from retail.runtime.web.matching import require_seen, tagged
from retail.runtime.web.responses import json_answer

router = APIRouter(tags=["catalogue"])


@dataclass(frozen=True, slots=True)
class Known:
    """A tax class with what it is made of now, and what is planned, by day."""

    facts: TaxClassFacts
    parts: tuple[Part, ...]
    planned: tuple[DatedRate, ...]

    @property
    def version(self) -> str:
        """Give the stamp of all that programs see of it."""
        days = [f"{one.from_date} {one.rate_micros} {told(one.parts)}" for one in self.planned]
        return stamp(self.facts.id, self.facts.name, self.facts.rate_micros, *told(self.parts), *days)

    def shown(self) -> dict[str, Any]:
        """Give it as programs get it."""
        planned = [
            {"id": one.id, "from_date": one.from_date, "rate_micros": one.rate_micros, "parts": _shown(one.parts)}
            for one in self.planned
        ]
        return asdict(self.facts) | {"parts": _shown(self.parts), "planned": planned, "version": self.version}


@router.get("/tax-classes")
async def list_tax_classes(request: Request, scope: Scope = allow(VIEW_CATALOGUE)) -> Response:
    """List the rates of tax, in millionths, with their parts and what is planned."""
    async with db(request).read(scope) as read:
        return json_answer({"items": [one.shown() for one in await _all(read)], "next": None})


@router.post("/tax-classes", status_code=201)
async def add_tax_class(request: Request, new: NewTaxClass, scope: Scope = allow(EDIT_CATALOGUE)) -> Response:
    """Add a rate of tax, as one or in parts."""
    async with db(request).begin(scope) as tx:

        async def make() -> object:
            id, parts = new.id or new_id(), [one.part() for one in new.parts or []]
            await operations.lock_catalogue(tx)
            if id in {one.id for one in await queries.tax_classes(tx)}:
                raise Invalid({"id": [_("This id exists; change it with PATCH.")]})
            rate = new.rate_micros if new.from_date else _agreed(new.rate_micros, parts)
            if rate is None:
                said = _("Send the rate in millionths, or the parts that it is made of.")
                if new.from_date:
                    said = _("Send the rate that holds until the parts begin, in millionths.")
                raise Invalid({"rate_micros": [said]})
            await operations.add_tax_class(tx, id, new.code, new.name, rate)
            if new.from_date and not parts:
                raise Invalid({"parts": [_("Send the parts that begin on this day, or leave the day out.")]})
            await _put_parts(tx, id, parts, new.from_date)
            return (await _one(tx, id)).shown()

        return (await idempotent(request, tx, "tax_classes.add", make)).response()


@router.patch("/tax-classes/{id}")
async def change_tax_class(
    request: Request, id: UUID, change: TaxClassChange, scope: Scope = allow(EDIT_CATALOGUE)
) -> Response:
    """Change a rate of tax, its name or parts; sales made so far keep theirs. `version`, If-Match as for categories."""

    async def run(tx: Tx) -> Known:
        await operations.lock_catalogue(tx)
        known = await _one(tx, id)
        require_seen(request, known.version, change.version)
        name = known.facts.name if change.name is None else change.name
        if change.from_date is not None:
            await operations.change_tax_class(tx, id, name, known.facts.rate_micros)
            await _plan(tx, id, change, change.from_date)
            return await _one(tx, id)
        parts = None if change.parts is None else [one.part() for one in change.parts]
        rate = _agreed(change.rate_micros, parts or [])
        if parts is not None:
            await _put_parts(tx, id, parts, None)
        now = (await queries.tax_class(tx, id)).rate_micros
        await operations.change_tax_class(tx, id, name, now if parts or rate is None else rate)
        return await _one(tx, id)

    try:
        stored = await db(request).run(scope, run)
    except Invalid as wrong:
        raise _named(wrong) from None
    return tagged(json_answer(stored.shown()), stored.version)


@router.delete("/tax-classes/{id}/planned/{rate}", status_code=204)
async def remove_planned_rate(request: Request, id: UUID, rate: UUID, scope: Scope = allow(EDIT_CATALOGUE)) -> Response:
    """Take back a rate, or parts, whose day is still to come."""

    async def run(tx: Tx) -> None:
        if rate not in {one.id for one in (await _one(tx, id)).planned}:
            raise NotFound("tax_rate")
        await dating.undate_rate(tx, rate)

    await db(request).run(scope, run)
    return Response(status_code=204)


async def _all(read: Read) -> list[Known]:
    parts, dated = await parts_of(read), await dating.histories(read)
    return [
        Known(one, parts.get(one.id, ()), tuple(day for day in dated.get(one.id, ()) if not day.applied))
        for one in await queries.tax_classes(read)
    ]


async def _one(read: Read, id: UUID) -> Known:
    found = next((one for one in await _all(read) if one.facts.id == id), None)
    if found is None:
        raise NotFound("tax_class")
    return found


async def _refuse_begun(tx: Tx, day: date) -> None:
    try:
        await dating.refuse_begun(tx, day, "from_date")
    except Invalid:
        raise Invalid({"from_date": [_("Send a day after today, or leave it out to change it at once.")]}) from None


async def _plan(tx: Tx, id: UUID, change: TaxClassChange, day: date) -> None:
    await _refuse_begun(tx, day)
    if change.parts is not None:
        parts = [one.part() for one in change.parts]
        _agreed(change.rate_micros, parts)
        await dating.date_parts(tx, id, day, parts)
    elif change.rate_micros is not None:
        await dating.date_rate(tx, id, day, change.rate_micros)
    else:
        raise Invalid({"from_date": [_("Send the rate or the parts that begin on this day, or leave the day out.")]})


async def _put_parts(tx: Tx, id: UUID, parts: Sequence[Part], day: date | None) -> None:
    if day is not None:
        await _refuse_begun(tx, day)
        await dating.date_parts(tx, id, day, parts)
    else:
        await keeping.put_parts(tx, id, parts)


def _agreed(rate: int | None, parts: Sequence[Part]) -> int | None:
    """Give the rate that is meant: that of the parts, where there are any. Raises Invalid where another is sent too."""
    if not parts:
        return rate
    refuse_wrong(parts)
    whole = whole_rate(parts)
    if rate is not None and rate != whole:
        said = _("The parts come to %(whole)d. Send that, or leave the rate out.") % {"whole": whole}
        raise Invalid({"rate_micros": [said]})
    return whole


def _named(wrong: Invalid) -> Invalid:
    """Name fields as programs know them; the page has others."""
    names = {"new_rate": "rate_micros", "rate": "rate_micros"}
    return Invalid({names.get(name, name): list(said) for name, said in wrong.errors.items()})


def _shown(parts: Sequence[Part]) -> list[dict[str, object]]:
    return [as_json(one) for one in parts]
