"""Floats by piece, blind counts with one recount, sealed papers: what docs/algorithms/shifts.md works out."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

import asyncpg
import pytest

from retail import cash
from retail.cash import ShiftClosed, Takings
from retail.cash.acceptance import StillOpen, accept_variance, acceptances
from retail.cash.checks import checks
from retail.cash.counting import NewCount, asks_again, counts, record_count
from retail.cash.evidence import causes
from retail.cash.rules import visible
from retail.cash.seals import GENESIS, canonical, seal_of
from retail.cash.takings import added, plain, read
from retail.kit.errors import IdempotencyConflict, Invalid
from retail.kit.ids import new_id
from retail.ledger import queries as ledger
from tests.support.world import Shop

AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
PART = {"name": "State", "rate_micros": 60_000, "tax": 4}
PIECES = {"5000": 2, "2000": 2, "50": 20}


async def opened(shop: Shop, float_minor: int = 15_000, pieces: dict[str, int] | None = None) -> uuid.UUID:
    id = new_id()
    await shop.db.run(shop.scope, cash.open_shift, id, shop.till, float_minor, AT, pieces)
    return id


async def balances(shop: Shop) -> dict[str, int]:
    async with shop.db.read(shop.scope) as reading:
        return {str(one.purpose): one.balance_minor for one in await ledger.accounts(reading) if one.balance_minor}


async def red(shop: Shop) -> list[str]:
    async with shop.db.read(shop.scope) as reading:
        return [one.detail for one in await checks(reading) if not one.ok]


async def test_a_float_by_piece_is_kept_and_must_add_up(shop: Shop) -> None:
    with pytest.raises(Invalid):
        await opened(shop, 14_000, PIECES)
    id = await opened(shop, 15_000, PIECES)
    async with shop.db.read(shop.scope) as reading:
        shift = await cash.shift(reading, id)
    assert (shift.opening_denominations, shift.opening_left_minor, shift.opening_difference_minor) == (PIECES, None, 0)


async def test_what_is_left_is_compared_with_the_next_float_and_the_difference_is_posted(shop: Shop) -> None:
    first = await opened(shop)
    with pytest.raises(Invalid):
        await shop.db.run(shop.scope, cash.close_shift, first, 10_000, None, AT, Takings(), 10_001)
    z = await shop.db.run(shop.scope, cash.close_shift, first, 16_000, None, AT, Takings(cash_net_minor=1_000), 15_000)
    assert (z.variance_minor, z.left_minor, z.report["left"]) == (0, 15_000, 15_000)
    # The sales' own entries are posted by sales: 1000 of cash are missing from the drawer here.
    assert await balances(shop) == {"cash": 14_000, "safe": -14_000}
    second = await opened(shop, 14_500)
    async with shop.db.read(shop.scope) as reading:
        shift = await cash.shift(reading, second)
    assert (shift.opening_left_minor, shift.opening_difference_minor) == (15_000, -500)
    assert await balances(shop) == {"cash": 13_500, "safe": -14_000, "over_short": 500}
    z = await shop.db.run(shop.scope, cash.close_shift, second, 14_500, None, AT, Takings())
    assert (z.expected_minor, z.variance_minor) == (14_500, 0), "the float counts as it was typed"
    third = await opened(shop)
    async with shop.db.read(shop.scope) as reading:
        assert (await cash.shift(reading, third)).opening_left_minor is None, "all went to the safe"
    assert await red(shop) == []


async def test_every_kind_of_cash_move_counts_its_way(shop: Shop) -> None:
    id, run = await opened(shop), shop.db.run
    for kind, amount in (("pay_in", 100), ("pay_out", 20), ("float", 5_000), ("drop", 3_000), ("pick_up", 400)):
        await run(shop.scope, cash.move_cash, new_id(), id, kind, amount, "x", AT)
    z = await run(shop.scope, cash.close_shift, id, 16_680, None, AT, Takings())
    assert (z.expected_minor, z.variance_minor) == (16_680, 0)
    assert {kind: z.report[kind] for kind in ("pay_in", "pay_out", "float", "drop", "pick_up")} == {
        "pay_in": 100, "pay_out": 20, "float": 5_000, "drop": 3_000, "pick_up": 400,
    }  # fmt: skip
    assert await balances(shop) == {
        "safe": -15_000 - 5_000 + 3_000 + 16_680, "cash_received": -100, "cash_paid_out": 20, "picked_up": 400,
    }  # fmt: skip
    assert await red(shop) == []


def test_a_recount_is_asked_for_once_and_only_beyond_the_tolerance() -> None:
    assert [asks_again(1, variance, 100) for variance in (-101, -100, 0, 100, 101)] == [True, False, False, False, True]
    assert [asks_again(attempt, -(10**6), 0) for attempt in (1, 2, 3)] == [True, False, False]


async def test_both_counts_are_kept_and_stand_in_the_report(shop: Shop) -> None:
    id, run = await opened(shop), shop.db.run
    first = NewCount(new_id(), 14_000, {"5000": 2, "2000": 2}, AT)
    told = await run(shop.scope, record_count, id, first, 15_000, 100)
    assert (told.attempt, told.recount) == (1, True)
    assert await run(shop.scope, record_count, id, first, 15_000, 100) == told, "a repeat is no second try"
    with pytest.raises(IdempotencyConflict):
        await run(shop.scope, record_count, id, NewCount(first.id, 15_000, None, AT), 15_000, 100)
    second = await run(shop.scope, record_count, id, NewCount(new_id(), 13_000, None, AT), 15_000, 100)
    assert (second.attempt, second.recount) == (2, False), "there is no third"
    z = await run(shop.scope, cash.close_shift, id, 13_000, None, AT, Takings())
    assert [one["counted"] for one in z.report["counts"]] == [14_000, 13_000]
    async with shop.db.read(shop.scope) as reading:
        kept = await counts(reading, id)
    assert [(one.attempt, one.counted_minor, one.denominations) for one in kept] == [
        (1, 14_000, {"5000": 2, "2000": 2}), (2, 13_000, None),
    ]  # fmt: skip
    with pytest.raises(ShiftClosed):
        await run(shop.scope, record_count, id, NewCount(new_id(), 15_000, None, AT), 15_000, 100)


async def test_papers_of_a_till_are_numbered_chained_and_their_grand_total_never_falls(shop: Shop) -> None:
    reports = []
    for total, refunds in ((1_000, 0), (-300, 500), (0, 0)):
        id = await opened(shop)
        sold = Takings(sales=1, total_minor=total, refunds_minor=refunds)
        reports.append((await shop.db.run(shop.scope, cash.close_shift, id, 15_000, None, AT, sold)).report)
    assert [(one["number"], one["grand_total"]) for one in reports] == [(1, 1_000), (2, 1_200), (3, 1_200)]
    async with shop.db.read(shop.scope) as reading:
        rows = await reading.fetch("SELECT position, supplement, prev_hash, hash FROM till_seal ORDER BY position")
    assert [row["position"] for row in rows] == [1, 2, 3]
    assert [row["prev_hash"] for row in rows] == [GENESIS, rows[0]["hash"], rows[1]["hash"]]
    prev = GENESIS
    for report, row in zip(reports, rows, strict=True):
        prev = seal_of(shop.till, report["number"], 0, report, prev)
        assert prev == row["hash"]
    assert await red(shop) == []


async def test_nobody_edits_what_was_counted_sealed_or_supplemented(shop: Shop) -> None:
    id = await opened(shop)
    await shop.db.run(shop.scope, record_count, id, NewCount(new_id(), 1, None, AT), 15_000, 100)
    await shop.db.run(shop.scope, cash.close_shift, id, 1, None, AT, Takings())
    await shop.db.run(shop.scope, accept_variance, new_id(), id, "other", "", "Stolen")
    for table in ("cash_count", "till_seal", "z_supplement", "z_supplement_sale", "variance_acceptance"):
        for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET tenant_id = tenant_id"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with shop.db.begin(shop.scope) as tx:
                    await tx.execute(statement)


def test_a_seal_forgets_names_and_nothing_else() -> None:
    report = {"number": 17, "opened_by": "Anna", "cashiers": [{"id": "a", "name": "Anna", "total": 5}],
              "counts": [{"by": "Al", "counted": 7}], "taxes": [{"parts": [{"name": "State", "tax": 1}]}]}  # fmt: skip
    assert canonical(report) == (
        '{"cashiers":[{"id":"a","total":5}],"counts":[{"counted":7}],"number":17,'
        '"taxes":[{"parts":[{"name":"State","tax":1}]}]}'
    )
    sealed = seal_of(uuid.UUID(int=1), 17, 0, report, GENESIS)
    assert sealed == seal_of(uuid.UUID(int=1), 17, 0, report | {"opened_by": "Erased"}, GENESIS)
    for other in (report | {"number": 18}, report | {"taxes": []}):
        assert seal_of(uuid.UUID(int=1), 17, 0, other, GENESIS) != sealed
    assert seal_of(uuid.UUID(int=1), 17, 1, report, GENESIS) != sealed


def test_takings_add_up_part_by_part_and_survive_storage() -> None:
    one = Takings(
        2, 1, 900, 90, 3, 4, 400, {"cash": 400, "card": 500}, 100, -1,
        [{"code": "R", "rate_micros": 70_000, "base": 5, "tax": 4, "parts": [PART]}],
        5, [{"id": "x", "name": "Ben", "sales": 2, "returns": 1, "total": 900, "cash": 400}],
    )  # fmt: skip
    other = Takings(
        1, 0, 200, 20, 9, 9, 200, {"cash": 200}, 0, 0,
        [{"code": "S", "rate_micros": 190_000, "base": 180, "tax": 20}],
        0, [{"id": "x", "name": "Ben", "sales": 1, "returns": 0, "total": 200, "cash": 200}],
    )  # fmt: skip
    both = added([one, other])
    assert (both.sales, both.total_minor, both.first_number, both.last_number) == (3, 1_100, 3, 9)
    assert both.by_tender == {"card": 500, "cash": 600}
    assert [tax["code"] for tax in both.taxes] == ["S", "R"]
    assert both.cashiers == [{"id": "x", "name": "Ben", "sales": 3, "returns": 1, "total": 1_100, "cash": 600}]
    assert added([other, one, Takings()]) == added([both, Takings()])
    assert read(plain(both)) == both
    assert both.gross_minor == 1_200


def test_who_may_not_see_the_variance_sees_nothing_it_follows_from() -> None:
    report = {"expected": 1, "variance": 2, "counted": 3, "tenders": {}, "total": 4, "number": 5, "cash_net": 6}
    assert visible(report) == {"counted": 3, "number": 5}


async def test_a_variance_is_accepted_with_a_cause_or_a_note_and_changes_no_figure(shop: Shop) -> None:
    id, run = await opened(shop), shop.db.run
    with pytest.raises(StillOpen):
        await run(shop.scope, accept_variance, new_id(), id, "piece", "A note", "")
    z = await run(shop.scope, cash.close_shift, id, 14_500, None, AT, Takings())
    async with shop.db.read(shop.scope) as reading:
        (found,) = (await causes(reading, shop.tenant, [id])).values()
    assert [one.code for one in found] == ["piece", "round"]
    for cause, note in (("nonsense", ""), ("other", "  ")):
        with pytest.raises(Invalid):
            await run(shop.scope, accept_variance, new_id(), id, cause, "", note)
    first = new_id()
    accepted = await run(shop.scope, accept_variance, first, id, "piece", found[0].sentence, "Seen on camera")
    assert await run(shop.scope, accept_variance, first, id, "piece", found[0].sentence, "Seen on camera") == accepted
    await run(shop.scope, accept_variance, new_id(), id, "other", "", "It lay under the drawer")
    async with shop.db.read(shop.scope) as reading:
        listed = await acceptances(reading, [id])
        assert await cash.z_report(reading, id) == z
    assert [(one.cause, one.note) for one in listed] == [
        ("other", "It lay under the drawer"), ("piece", "Seen on camera"),
    ]  # fmt: skip
