"""What ordering by forecast is expected to do: the same figures each time, by hand where nothing is left to chance."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from uuid import UUID

from retail.runtime.db import Tx
from retail.stock.reordering.ahead import ANCHORS, DAYS, LEVELS, Ahead
from retail.stock.reordering.effects import Row, effect_rows, together
from retail.stock.reordering.replaying import Outcome, effect
from retail.stock.reordering.rules import Need
from tests.stock.test_ordering_by_forecast import SPREAD, foreseen
from tests.support.shelves import stocked
from tests.support.web import Site, site
from tests.support.world import Shop

__all__ = ["site"]

D = Decimal
SEED = UUID(int=5)


def ahead(daily: float = 4, *, sure: bool = False, review: int = 1) -> Ahead:
    line = [int(daily * 1000) * (at + 1) for at in range(DAYS)]
    spread = [[0 if sure else SPREAD[level]] * len(ANCHORS) for level in LEVELS]
    return Ahead(line, line, spread, review=review)


def test_with_no_error_it_is_what_is_worked_out_by_hand() -> None:
    # 12 last three days; an order when nothing is left comes three days later and lasts 17: days 3 to 5, 23 to 25.
    made = effect(Need(D(12), D(4), ahead=ahead(sure=True)), SEED)
    assert made is not None
    assert (made.fixed, made.suggested.out_days, made.suggested.service) == (False, 0.0, 1.0)
    assert (made.present.out_days, made.present.wanted, made.present.served) == (6.0, 112.0, 88.0)
    held = [8, 4, 0, 0, 0, 0, *(64 - 4 * at for at in range(17)), 0, 0, 0, 64, 60]
    assert made.present == Outcome(28, 6.0, 112.0, 88.0, sum(held) / 28)


def test_a_point_that_somebody_set_is_the_present_rule_with_its_target() -> None:
    need = Need(D(12), D(4), reorder_point=D(40), target=D(120), ahead=ahead(sure=True))
    made = effect(need, SEED)
    assert made is not None
    assert (made.fixed, made.present.out_days) == (True, 0.0)
    assert made.present.held > made.suggested.held


def test_the_same_need_gives_the_same_and_errors_cost_something() -> None:
    need = Need(D(12), D(4), ahead=ahead())
    made = effect(need, SEED)
    assert made is not None
    assert effect(need, SEED) == made
    assert 0 < made.suggested.out_days < made.present.out_days
    assert made.suggested.service > 0.95 > made.present.service
    rare = effect(replace(need, ahead=ahead(review=7)), SEED)
    assert rare is not None
    assert rare.suggested.held > made.suggested.held, "who looks weekly needs more"


def test_without_a_forecast_that_reaches_nothing_is_said() -> None:
    assert effect(Need(D(12), D(4)), SEED) is None
    assert effect(Need(D(12), D(4), ahead=ahead(0)), SEED) is None
    assert effect(Need(D(12), D(4), lead_days=18, ahead=ahead()), SEED) is None
    assert together([]) == []


def test_several_are_added_up_by_what_was_wanted() -> None:
    ids = (UUID(int=1), UUID(int=2))
    many, few = (Row(str(by), Need(D(12), D(by), ahead=ahead(by, sure=True)), D(50), ids) for by in (4, 2))
    rows = effect_rows([many, few])
    (whole,) = together(rows)
    assert (whole.of, whole.suggested.out_days) == (2, sum(one.suggested.out_days for one in rows))
    assert whole.present.cash_minor == sum(one.present.cash_minor for one in rows)
    served = sum(one.served[1][0] for one in rows) / sum(one.served[1][1] for one in rows)
    assert whole.present.served_percent == D(repr(100 * served)).quantize(D("0.1"))


async def test_the_product_and_to_order_show_it_and_money_only_to_who_may_see_costs(site: Site, shop: Shop) -> None:
    owner, base = await site.member(shop), f"/t/{shop.tenant.slug}"
    await stocked(shop, "12")
    await foreseen(shop, 0, 4)
    viewer = await site.holder(shop, "view_stock")
    said = "What ordering by forecast is expected to do"
    for at in (f"{base}/stock/{shop.products[0].id}", f"{base}/stock/suggestions"):
        page = (await owner.get(at)).text
        part = page[page.index(said) :]
        assert ("Days out of stock" in part, "€" in part[: part.index("Played through")]) == (True, True)
        less = (await viewer.get(at)).text
        part = less[less.index(said) :]
        assert "€" not in part[: part.index("Played through")]
    await shop.db.run(shop.scope, _forget)
    assert said not in (await owner.get(f"{base}/stock/{shop.products[0].id}")).text


async def _forget(tx: Tx) -> None:
    await tx.execute("DELETE FROM demand_ahead WHERE tenant_id = $1", tx.tenant)
