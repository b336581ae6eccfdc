"""Gift cards, store credit and accounts pay for sales: once, never below what is there, and the books say so."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from retail.runtime.keys import Keyring
from retail.sales.checks import checks
from retail.value.checks import checks as value_checks
from tests.support.selling import Counter, open_counter
from tests.support.values import a_card, balance, keys_in
from tests.support.world import Shop


@pytest.fixture
async def counter(shop: Shop) -> Counter:
    return await open_counter(shop)


def by_card(card: UUID, amount: int) -> dict[str, Any]:
    return {"type": "gift_card", "amount": amount, "change": 0, "value": str(card), "reference": "1234"}


@pytest.fixture
async def keyring(tmp_path: Path) -> Keyring:
    return await keys_in(tmp_path)


async def booked(shop: Shop, sale: UUID) -> dict[str, int]:
    async with shop.db.read(shop.scope) as read:
        rows = await read.fetch(
            """SELECT a.purpose, sum(l.amount_minor)::bigint AS amount FROM journal_entry e
                 JOIN journal_line l ON l.tenant_id = e.tenant_id AND l.entry_id = e.id
                 JOIN account a ON a.tenant_id = l.tenant_id AND a.id = l.account_id
                WHERE e.tenant_id = $1 AND e.source_id = $2 GROUP BY 1""",
            read.tenant,
            sale,
        )
        failed = [one for one in [*await checks(read), *await value_checks(read)] if not one.ok]
    assert failed == []
    return {
        row["purpose"]: row["amount"] for row in rows if row["purpose"] in {"cash", "gift_cards", "tender_difference"}
    }


async def test_a_gift_card_pays_once_however_often_the_sale_comes(
    shop: Shop, counter: Counter, keyring: Keyring
) -> None:
    card, _code = await a_card(shop, keyring, 5000)
    body = counter.sale(tenders=[by_card(card, 420)])
    first, second = (await counter.send(body))[0], (await counter.send(body))[0]
    assert (first.status, second.status, await balance(shop, card)) == ("created", "replayed", 4580)
    assert await booked(shop, first.id) == {"gift_cards": 420}


async def test_what_is_lacking_is_told_and_a_payment_difference(shop: Shop, counter: Counter, keyring: Keyring) -> None:
    card, _code = await a_card(shop, keyring, 300)
    outcome = await counter.sell(tenders=[by_card(card, 420)])
    assert outcome.sale is not None
    assert [one.code for one in outcome.sale.remarks if one.code != "stock_below_zero"] == ["value_short"]
    assert await balance(shop, card) == 0
    assert await booked(shop, outcome.id) == {"gift_cards": 300, "tender_difference": 120}


async def test_the_rest_is_paid_in_cash(shop: Shop, counter: Counter, keyring: Keyring) -> None:
    card, _code = await a_card(shop, keyring, 300)
    outcome = await counter.sell(tenders=[by_card(card, 300), {"type": "cash", "amount": 200, "change": 80}])
    assert outcome.sale is not None
    assert [one.code for one in outcome.sale.remarks if one.code != "stock_below_zero"] == []
    assert await booked(shop, outcome.id) == {"gift_cards": 300, "cash": 120}


@pytest.mark.parametrize("named", [None, "nothing", "0199a000-0000-7000-8000-00000000dead"])
async def test_a_card_that_nobody_knows_pays_nothing_and_the_sale_is_stored(
    shop: Shop, counter: Counter, named: str | None
) -> None:
    outcome = await counter.sell(tenders=[{"type": "gift_card", "amount": 420, "change": 0, "value": named}])
    assert outcome.status == "created"
    assert outcome.sale is not None
    assert [one.code for one in outcome.sale.remarks if one.code != "stock_below_zero"] == ["value_short"]
    assert await booked(shop, outcome.id) == {"tender_difference": 420}
