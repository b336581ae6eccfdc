"""Rates of exchange, entered by hand: from a day on, until the next one begins."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from retail.catalog.prices import reading
from retail.catalog.prices.folding import fold_lists, set_turns
from retail.catalog.products.versions import lock_catalogue
from retail.kit.errors import Invalid, NotFound
from retail.kit.ids import new_id
from retail.kit.text import _
from retail.runtime.db import Tx


async def put_rate(tx: Tx, currency: str, starts_on: date, rate_billionths: int) -> None:
    """Say what one of a currency is worth from a day on; the same day again replaces it. Folds the lists in it."""
    await lock_catalogue(tx)
    before = await tx.fetchval(
        "SELECT rate_billionths FROM currency_rate WHERE tenant_id = $1 AND currency = $2 AND starts_on = $3",
        tx.tenant,
        currency,
        starts_on,
    )
    await tx.execute(
        """INSERT INTO currency_rate (tenant_id, id, currency, starts_on, rate_billionths, created_at)
           VALUES ($1, $2, $3, $4, $5, $6)
           ON CONFLICT (tenant_id, currency, starts_on) DO UPDATE SET rate_billionths = excluded.rate_billionths""",
        tx.tenant, new_id(), currency, starts_on, rate_billionths, tx.now,
    )  # fmt: skip
    tx.audit(
        "currency_rate.put", "catalogue", None, currency=currency, starts_on=starts_on,
        before={"rate_billionths": before}, after={"rate_billionths": rate_billionths},
    )  # fmt: skip
    await _fold_currency(tx, currency)


async def remove_rate(tx: Tx, id: UUID) -> None:
    """Take a rate of exchange out again. Raises NotFound, and Invalid for the only rate of a currency that is used."""
    await lock_catalogue(tx)
    rate = next((one for one in await reading.rates(tx) if one.id == id), None)
    if rate is None:
        raise NotFound("currency_rate")
    left = sum(one.currency == rate.currency for one in await reading.rates(tx)) - 1
    using = [facts.of.name for facts in await reading.price_lists(tx) if facts.of.currency == rate.currency]
    if not left and using:
        said = _("The list “%(list)s” needs this rate. Enter another one first, or take the list out.")
        raise Invalid({"": [said % {"list": using[0]}]})
    await tx.execute("DELETE FROM currency_rate WHERE tenant_id = $1 AND id = $2", tx.tenant, id)
    tx.audit("currency_rate.removed", "catalogue", None, currency=rate.currency, starts_on=rate.starts_on)
    await _fold_currency(tx, rate.currency)


async def _fold_currency(tx: Tx, currency: str) -> None:
    using = [facts.of.id for facts in await reading.price_lists(tx) if facts.of.currency == currency]
    if using:
        await fold_lists(tx, using)
        await set_turns(tx, using)
