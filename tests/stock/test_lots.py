"""Lots: received, sold first expired first out, named, written off; and any history of them adds up."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from retail import stock
from retail.kit.ids import new_id
from retail.stock import Taken
from retail.stock.lots.operations import name_goods, write_off
from retail.stock.lots.queries import lots
from retail.stock.lots.rules import Drop, Shelf, Standing, after, give, order, spread
from retail.stock.rules import Document, Move
from retail.stock.transfers.operations import cancel
from retail.stock.transfers.receiving import Found, receive
from tests.support.shelves import all_holds, fold, follow_by, invalid, lines_of, lot_in, lots_of, sent, stocked
from tests.support.stockroom import AT, balances, document, moved, on_hand
from tests.support.world import Shop

D = Decimal
SOON, LATER, GONE = date(2026, 11, 24), date(2027, 1, 10), date(2026, 11, 18)


def traced(shop: Shop, quantity: str, trace: str, kind: str = "sale") -> Move:
    one = moved(shop, quantity, kind=kind)
    return Move(*(getattr(one, name) for name in one.__slots__[:-1]), trace)


async def test_a_sale_takes_what_expires_first_and_what_has_expired_last(shop: Shop) -> None:
    await follow_by(shop, "lot")
    await lot_in(shop, "L", "5", LATER)
    await lot_in(shop, "S", "3", SOON)
    await lot_in(shop, "G", "2", GONE)
    assert await lots_of(shop) == {"G": "2", "L": "5", "S": "3"}
    await shop.db.run(shop.scope, stock.move, [moved(shop, "-4"), moved(shop, "-3")])
    await fold(shop)
    assert await lots_of(shop) == {"G": "2", "L": "1"}
    await shop.db.run(shop.scope, stock.move, [moved(shop, "-4")])
    await fold(shop)
    assert await lots_of(shop) == {"": "-1"}, "goods that were paid for have left, of whatever lot"
    await all_holds(shop)


async def test_a_line_that_names_its_lot_takes_from_that_also_below_zero_and_of_one_nobody_knew(shop: Shop) -> None:
    await follow_by(shop, "lot")
    await lot_in(shop, "S", "3", SOON)
    await lot_in(shop, "L", "5", LATER)
    await shop.db.run(shop.scope, stock.move, [traced(shop, "-6", "L"), traced(shop, "-1", "unheard of")])
    await fold(shop)
    assert await lots_of(shop) == {"L": "-1", "S": "3", "unheard of": "-1"}
    await shop.db.run(shop.scope, stock.move, [traced(shop, "1", "unheard of", "return")])
    await fold(shop)
    assert await lots_of(shop) == {"L": "-1", "S": "3"}
    await all_holds(shop)


async def test_what_was_there_before_has_no_lot_until_somebody_names_it(shop: Shop) -> None:
    await stocked(shop, "10")
    product = await follow_by(shop, "lot")
    await lot_in(shop, "A", "2", SOON)
    assert await lots_of(shop) == {"": "10", "A": "2"}
    await shop.db.run(shop.scope, name_goods, document(shop), product, "A", D(4))
    assert await lots_of(shop) == {"": "6", "A": "6"}
    with invalid("Only 6 can be named so"):
        await shop.db.run(shop.scope, name_goods, document(shop), product, "A", D(7))
    with invalid("no lot with this code"):
        await shop.db.run(shop.scope, name_goods, document(shop), product, "B", D(1))
    await all_holds(shop)


async def test_a_product_that_is_followed_no_more_and_then_again_begins_anew(shop: Shop) -> None:
    await follow_by(shop, "lot")
    await lot_in(shop, "A", "5", SOON)
    await follow_by(shop, "none")
    await shop.db.run(shop.scope, stock.move, [moved(shop, "-4")])
    await fold(shop)
    await follow_by(shop, "lot")
    await shop.db.run(shop.scope, stock.move, [moved(shop, "1", kind="return")])
    await fold(shop)
    assert await lots_of(shop) == {"": "-3", "A": "5"}
    await all_holds(shop)


async def test_expired_goods_are_written_off_with_their_worth(shop: Shop) -> None:
    await follow_by(shop, "lot")
    await lot_in(shop, "G", "3", GONE)
    await lot_in(shop, "L", "5", LATER)
    async with shop.db.read(shop.scope) as read:
        expired = (await lots(read, store=shop.store, until=date(2026, 11, 20), limit=50)).items
    assert [(one.code, one.on_hand, one.worth_minor, one.days_left(date(2026, 11, 20))) for one in expired] == [
        ("G", D(3), 150, -2)
    ]
    act = document(shop, "expired")
    for _ in range(2):
        await shop.db.run(shop.scope, write_off, act, expired[0].id)
    await fold(shop)
    assert (await lots_of(shop), await on_hand(shop)) == ({"L": "5"}, D(5))
    assert (await balances(shop))["waste"] == 150
    with invalid("Only 0 of this lot here"):
        await shop.db.run(shop.scope, write_off, document(shop), expired[0].id)
    await all_holds(shop)


async def test_a_lot_has_one_date_and_a_product_without_lots_takes_none(shop: Shop) -> None:
    with invalid("isn't followed by lot"):
        await lot_in(shop, "A", "1", SOON)
    await follow_by(shop, "lot")
    await lot_in(shop, "A", "1", SOON)
    with invalid("known with another date, 24 Nov 2026"):
        await lot_in(shop, "A", "1", LATER)
    assert await on_hand(shop) == D(1)


async def test_a_transfer_sends_what_expires_first_and_it_arrives_in_the_same_lots(shop: Shop) -> None:
    await follow_by(shop, "lot")
    await lot_in(shop, "S", "3", SOON)
    await lot_in(shop, "L", "5", LATER)
    id = await sent(shop, (0, "4", ""))
    await fold(shop)
    assert [(one.line.trace, one.line.quantity) for one in await lines_of(shop, id)] == [("S", D(3)), ("L", D(1))]
    assert await lots_of(shop) == {"L": "4"}
    found = {one.line.id: Found(one.line.quantity) for one in await lines_of(shop, id)}
    await shop.db.run(shop.scope, receive, id, new_id(), found)
    await fold(shop)
    assert await lots_of(shop, shop.second_store) == {"L": "1", "S": "3"}
    back = await sent(shop, (0, "1", "L"))
    await shop.db.run(shop.scope, cancel, back, "")
    await fold(shop)
    assert await lots_of(shop) == {"L": "4"}
    await all_holds(shop)


async def test_the_stockrooms_other_acts_go_by_lot_too(shop: Shop) -> None:
    await follow_by(shop, "lot")
    await lot_in(shop, "S", "3", SOON)
    act = Document(new_id(), shop.store, "broken", AT)
    await shop.db.run(
        shop.scope, stock.waste, act, [Taken(shop.products[0].id, D(1)), Taken(shop.products[0].id, D(1))]
    )
    await fold(shop)
    assert await lots_of(shop) == {"S": "1"}
    await all_holds(shop)


milli = st.integers(-5_000, 5_000)
days = st.none() | st.dates(date(2026, 11, 1), date(2026, 12, 31))
shelves = st.lists(st.tuples(days, milli), max_size=6).flatmap(
    lambda lots: st.builds(
        lambda unnamed: Shelf(
            {
                one.lot: one
                for at, (day, quantity) in enumerate(lots)
                for one in [Standing(new_id(), f"L{at}", day, AT, quantity)]
            },
            unnamed,
        ),
        milli,
    )
)
drops = st.lists(
    st.builds(Drop, milli, st.sampled_from(["", "", "L0", "L3"]), st.dates(date(2026, 11, 1), date(2026, 12, 31))),
    max_size=8,
)


@given(shelves, drops)
def test_any_history_of_drops_adds_up_and_never_takes_from_a_lot_what_it_has_not(
    shelf: Shelf, history: list[Drop]
) -> None:
    given_out, left = spread(shelf, history)
    assert left.milli == shelf.milli + sum(one.milli for one in history)
    for drop, shares in zip(history, given_out, strict=True):
        assert sum(quantity for _lot, quantity in shares) == drop.milli
        assert all(quantity for _lot, quantity in shares)
    standing = shelf
    for drop, shares in zip(history, given_out, strict=True):
        named = any(drop.code == one.code for one in standing.lots.values())
        for lot, quantity in shares:
            if lot is not None and quantity < 0 and not named:
                assert standing.lots[lot].milli >= -quantity
        standing = after(standing, shares)


@given(shelves, st.integers(1, 20_000), st.dates(date(2026, 11, 1), date(2026, 12, 31)))
def test_goods_that_leave_are_taken_in_the_order_of_their_dates(shelf: Shelf, wanted: int, day: date) -> None:
    shares = give(shelf, Drop(-wanted, "", day))
    taken = [lot for lot, _quantity in shares if lot is not None]
    full = [one.lot for one in order(shelf.lots.values(), day) if one.milli > 0]
    assert taken == full[: len(taken)]
    after_it = after(shelf, shares)
    assert all(after_it.lots[lot].milli == 0 for lot in taken[:-1]), "one is empty before the next is begun"
