"""Stored value moves once per source, never below its floor, and the books say the same."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from retail import ledger
from retail.customers.operations import merge_customers
from retail.kit.errors import Invalid
from retail.kit.ids import new_id
from retail.ledger import Entry, Posting
from retail.runtime.db import Tx
from retail.runtime.keys import Keyring
from retail.value import Use, account_of, desk, find, give_back, load, redeem
from retail.value.errors import CardIssued, NotEnoughValue, SourceUsed, ValueShut
from retail.value.rules import ACCOUNT, PURPOSES, STORE_CREDIT, Taken
from tests.support.buyers import a_customer
from tests.support.selling import AT
from tests.support.values import a_card, balance, facts, keys_in, who_may_owe, wrong
from tests.support.world import Shop, open_shop


async def sold(tx: Tx, shop: Shop, use: Use, *, partial: bool = False) -> Taken:
    """Redeem as a sale does: with the posting in an entry of its own kind."""
    taken = await redeem(tx, use, partial=partial)
    if taken.move is not None and not taken.replayed:
        postings = (Posting(PURPOSES[taken.kind], taken.amount_minor), Posting("revenue", -taken.amount_minor))
        day = date(2026, 11, 20)
        await ledger.post(tx, [Entry(new_id(), shop.store, "sale", new_id(), AT, day, "EUR", "", postings)])
    return taken


async def test_the_worked_example_of_the_page(shop: Shop, keyring: Keyring) -> None:
    card, _code = await a_card(shop, keyring)
    first = Use(card, 3_000, new_id())
    assert (await shop.db.run(shop.scope, sold, shop, first)).balance_minor == 2_000
    again = await shop.db.run(shop.scope, sold, shop, first)
    assert (again.replayed, again.amount_minor, again.balance_minor) == (True, 3_000, 2_000)
    with pytest.raises(SourceUsed):
        await shop.db.run(shop.scope, redeem, Use(card, 2_999, first.source))
    second = Use(card, 2_500, new_id())
    with pytest.raises(NotEnoughValue) as less:
        await shop.db.run(shop.scope, redeem, second)
    assert less.value.spendable_minor == 2_000
    async with shop.db.begin(shop.scope) as tx:
        taken = await sold(tx, shop, second, partial=True)
    assert (taken.amount_minor, taken.lacking_minor, taken.balance_minor) == (2_000, 500, 0)
    async with shop.db.begin(shop.scope) as tx:
        assert (await sold(tx, shop, second, partial=True)).replayed
        nothing = await sold(tx, shop, Use(card, 100, new_id()), partial=True)
        assert (nothing.move, nothing.lacking_minor) == (None, 100)
    assert await wrong(shop) == []


async def test_what_comes_back_comes_onto_a_blocked_card_too_and_once(shop: Shop, keyring: Keyring) -> None:
    card, _code = await a_card(shop, keyring)
    await shop.db.run(shop.scope, redeem, Use(card, 3_000, new_id()))
    await shop.db.run(shop.scope, desk.block, card, "reported lost")
    for verb in (redeem, load):
        with pytest.raises(ValueShut):
            await shop.db.run(shop.scope, verb, Use(card, 100, new_id()))
    back = Use(card, 3_000, new_id())
    for _ in range(2):
        assert (await shop.db.run(shop.scope, give_back, back)).balance_minor == 5_000
    assert (await facts(shop, card)).spendable_minor == 0
    await shop.db.run(shop.scope, desk.unblock, card)
    assert (await facts(shop, card)).spendable_minor == 5_000
    for amount in (0, -1):
        with pytest.raises(Invalid):
            await shop.db.run(shop.scope, give_back, Use(card, amount, new_id()))


async def test_a_customer_owes_no_more_than_their_limit_on_all_their_accounts(shop: Shop) -> None:
    anna, account = await who_may_owe(shop)
    twin, other = await who_may_owe(shop, 9_000)
    async with shop.db.begin(shop.scope) as tx:
        await sold(tx, shop, Use(account, 4_000, new_id()))
        await sold(tx, shop, Use(other, 500, new_id()))
    with pytest.raises(NotEnoughValue):
        await shop.db.run(shop.scope, redeem, Use(account, 1_001, new_id()))
    await shop.db.run(shop.scope, merge_customers, twin, anna)
    assert (await facts(shop, account)).spendable_minor == 500
    for one in (account, other):
        with pytest.raises(NotEnoughValue):
            await shop.db.run(shop.scope, redeem, Use(one, 501, new_id()))
    assert await shop.db.run(shop.scope, account_of, twin, ACCOUNT) == account
    paid = Use(account, 2_500, new_id())
    for _ in range(2):
        await shop.db.run(shop.scope, desk.receive_payment, paid, shop.store, "transfer")
    assert await balance(shop, account) == -1_500
    with pytest.raises(SourceUsed):
        await shop.db.run(shop.scope, desk.receive_payment, Use(account, 1, paid.source), shop.store, "cash")
    assert await wrong(shop) == []


async def test_a_card_is_found_by_its_code_under_every_key_and_in_its_own_business(
    shop: Shop, keyring: Keyring, tmp_path: Path
) -> None:
    card, code = await a_card(shop, keyring)
    keyring.rotate("value")
    younger, _code = await a_card(shop, keyring)
    other = await open_shop(shop.db)
    async with shop.db.read(shop.scope) as read:
        found = await find(read, keyring, f"{code[:4]} {code[4:]}")
        assert found is not None
        assert (found.id, found.last_four) == (card, code[-4:])
        assert await find(read, await keys_in(tmp_path / "others"), code) is None
        rows = await read.fetch("SELECT v::text AS row FROM value_account v WHERE tenant_id = $1", read.tenant)
    assert len(rows) == 2
    assert [row for row in rows if code in row["row"]] == []
    assert younger != card
    async with other.db.read(other.scope) as read:
        assert await find(read, keyring, code) is None


async def test_a_card_is_issued_once_and_given_only_with_a_reason(shop: Shop, keyring: Keyring) -> None:
    card = desk.Issue(new_id(), shop.store, 5_000, "card")
    await shop.db.run(shop.scope, desk.issue, keyring, card)
    with pytest.raises(CardIssued):
        await shop.db.run(shop.scope, desk.issue, keyring, card)
    for changes, field in (({"amount_minor": 0}, "amount"), ({"means": ""}, "reason"), ({"means": "shells"}, "means")):
        made = desk.Issue(**{"id": new_id(), "store": shop.store, "amount_minor": 1, "means": "cash"} | changes)
        with pytest.raises(Invalid) as refused:
            await shop.db.run(shop.scope, desk.issue, keyring, made)
        assert list(refused.value.errors) == [field]
    async with shop.db.read(shop.scope) as read:
        assert await read.fetchval("SELECT count(*) FROM value_account WHERE tenant_id = $1", read.tenant) == 1
    assert await wrong(shop) == []


async def test_what_is_left_on_a_card_that_ran_out_becomes_income(shop: Shop, keyring: Keyring) -> None:
    card, _code = await a_card(shop, keyring)
    kept, _other = await a_card(shop, keyring)
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute("UPDATE value_account SET expires_on = '2026-01-01' WHERE tenant_id = $1 AND id = $2",
                         tx.tenant, card)  # fmt: skip
    with pytest.raises(ValueShut):
        await shop.db.run(shop.scope, redeem, Use(card, 100, new_id()))
    assert await shop.db.run(shop.scope, desk.let_expire, shop.store) == 1
    assert await shop.db.run(shop.scope, desk.let_expire, shop.store) == 0
    assert (await balance(shop, card), await balance(shop, kept)) == (0, 5_000)
    assert await wrong(shop) == []


async def test_adjusting_needs_a_reason_and_stays_above_the_floor(shop: Shop) -> None:
    anna = await a_customer(shop)
    credit: UUID = await shop.db.run(shop.scope, account_of, anna, STORE_CREDIT)
    with pytest.raises(Invalid):
        async with shop.db.begin(shop.scope) as tx:
            await desk.adjust(tx, Use(credit, 100, new_id()), shop.store, up=True)
    async with shop.db.begin(shop.scope) as tx:
        await desk.adjust(tx, Use(credit, 700, new_id(), None, "was kept waiting"), shop.store, up=True)
        await desk.adjust(tx, Use(credit, 200, new_id(), None, "typed wrong"), shop.store, up=False)
    with pytest.raises(NotEnoughValue):
        async with shop.db.begin(shop.scope) as tx:
            await desk.adjust(tx, Use(credit, 501, new_id(), None, "typed wrong"), shop.store, up=False)
    assert await balance(shop, credit) == 500
    assert await wrong(shop) == []


async def test_nobody_changes_a_move_and_a_posting_without_one_is_found(shop: Shop, keyring: Keyring) -> None:
    card, _code = await a_card(shop, keyring)
    for sql in ("UPDATE value_move SET amount_minor = 1", "DELETE FROM value_move"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with shop.db.begin(shop.scope) as tx:
                await tx.execute(sql)
    await shop.db.run(shop.scope, redeem, Use(card, 1_000, new_id()))  # and nobody posts it
    assert await wrong(shop) == ["gift_cards: moves 4000, books 5000"]
