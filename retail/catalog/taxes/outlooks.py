"""What typed parts of a tax would come to, from when, and in whose place: for who is about to plan them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from retail.catalog import queries
from retail.catalog.taxes.dating import dated_rates, refuse_begun, refuse_none
from retail.catalog.taxes.parting import refuse_wrong
from retail.catalog.taxes.rules import MILLION, Part, PartTotal, rate_at, split, whole_rate
from retail.kit.money import currency, mul_div
from retail.runtime.db import Read


@dataclass(frozen=True, slots=True)
class Outlook:
    """What will hold: the rate and its parts as shares of the tax on `net_minor`, and the rate before.

    `begins` is None for at once; `until` the day on which a rate planned already takes over; `replaces`: that day has
    a plan, which this one takes the place of.
    """

    begins: date | None
    rate_micros: int
    before_micros: int
    parts: Sequence[PartTotal]
    net_minor: int
    until: date | None
    replaces: bool


async def outlook(read: Read, tax_class: UUID, begins: date | None, parts: Sequence[Part]) -> Outlook:
    """Say what parts would come to; nothing is changed. Raises NotFound, and Invalid as saving them would."""
    now = await queries.tax_class(read, tax_class)
    if begins is not None:
        await refuse_begun(read, begins, "parts_from")
        refuse_none(parts)
    refuse_wrong(parts)
    dated = await dated_rates(read, tax_class)  # the newest first
    coming = [one.from_date for one in dated if not one.applied and (begins is None or one.from_date > begins)]
    history = [(one.from_date, one.rate_micros) for one in reversed(dated)]
    before = rate_at(history, begins - timedelta(days=1), now.rate_micros) if begins else now.rate_micros
    rate = whole_rate(parts) if parts else now.rate_micros
    code = await read.fetchval("SELECT currency FROM tenant WHERE id = $1", read.tenant)
    net: int = 100 * 10 ** currency(code).exponent
    return Outlook(
        begins,
        rate,
        before,
        split(mul_div(net, rate, MILLION), parts) if parts else (),
        net,
        min(coming, default=None),
        any(one.from_date == begins for one in dated),
    )
