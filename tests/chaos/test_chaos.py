"""Four tills sell while everything under them is killed and cut: 0 lost, 0 doubled, 0 reordered, the chain verified.

And the judge who says so is tried: each forgery, made by the database's superuser past every guard, must be found.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

import asyncpg
import pytest

from retail.runtime.embedded import DATABASE
from tests.chaos.__main__ import table
from tests.chaos.judge import Witness, judge
from tests.chaos.ledger import Ledger, read_ledger
from tests.chaos.trial import Verdict

LOST = "lost: on a disk, not at the server"
DOUBLED = "doubled or invented: at the server, not once on a disk"
ALTERED = "altered: another sale than was paid"
REORDERED = "reordered: receipts 1, 2, 3 in the order of the disk"
JOURNALS = "journals: every record, in its place, as it was written"
CHAINS = "chains: hashed and signed as the page says"
ANSWERS = "answers: what the till was told is what is stored"
BOOKS = "books: every sale once, debits equal credits"
STOCK = "stock: what was sold has left"
REPORTS = "X and Z reports hold what their tills sold"
SEEN = "seen paid, and on the disk"

_OF = "tenant_id = $1 AND till_id = $2"
_SALE = f"(SELECT id FROM sale WHERE {_OF} AND number = 3)"
_COPY = f"""INSERT INTO sale SELECT (jsonb_populate_record(s, jsonb_build_object('id', gen_random_uuid(), %s))).*
                FROM sale s WHERE {_OF} AND number = 3"""
_NEXT = f"'number', (SELECT max(number) + 1 FROM sale WHERE {_OF})"
_AND = "AND $2::uuid IS NOT NULL"
FORGED: dict[str, tuple[Sequence[str], set[str]]] = {
    "a sale is gone, its record and its traces are not": (
        [f"DELETE FROM sale WHERE {_OF} AND number = 3"],
        {LOST, REORDERED, REPORTS},
    ),
    "the newest sale is gone with every trace of it": (
        [
            f"""CREATE TEMP TABLE newest AS SELECT record_id AS id, seq FROM till_journal
                WHERE {_OF} AND kind = 'sale' ORDER BY seq DESC LIMIT 1""",
            f"DELETE FROM stock_move WHERE tenant_id = $1 AND source_id IN (SELECT id FROM newest) {_AND}",
            f"""DELETE FROM journal_line l USING journal_entry e WHERE l.tenant_id = $1 AND e.tenant_id = $1
                AND l.entry_id = e.id AND e.source_id IN (SELECT id FROM newest) {_AND}""",
            f"DELETE FROM journal_entry WHERE tenant_id = $1 AND source_id IN (SELECT id FROM newest) {_AND}",
            f"DELETE FROM till_journal WHERE {_OF} AND seq >= (SELECT seq FROM newest)",
            f"DELETE FROM sale WHERE {_OF} AND id IN (SELECT id FROM newest)",
        ],
        {LOST, JOURNALS, BOOKS, STOCK, REPORTS},
    ),
    "a sale is there twice under the next number": ([_COPY % _NEXT], {DOUBLED, REPORTS}),
    "a sale is there twice under the same number": (
        [_COPY % "'number_clash', 1"],
        {DOUBLED, REORDERED},
    ),
    "two sales have changed places": (
        [
            f"UPDATE sale SET number = {new} WHERE {_OF} AND number = {old}"
            for old, new in ((3, 9999), (4, 3), (9999, 4))
        ],
        {REORDERED, ALTERED},
    ),
    "a later sale came first": (
        [f"UPDATE sale SET received_at = received_at - interval '1 hour' WHERE {_OF} AND number = 5"],
        {REORDERED},
    ),
    "a total is another one": (
        [f"UPDATE sale SET total_minor = total_minor + 1, tax_minor = tax_minor + 1 WHERE {_OF} AND number = 3"],
        {ALTERED},
    ),
    "a line has another quantity": (
        [f"UPDATE sale_line SET quantity = quantity + 1 WHERE tenant_id = $1 AND sale_id = {_SALE} AND position = 1"],
        {ALTERED},
    ),
    "cash has become card": (
        [f"UPDATE tender SET type = 'voucher' WHERE tenant_id = $1 AND sale_id = {_SALE}"],
        {ALTERED},
    ),
    "another cashier": ([f"UPDATE sale SET cashier_id = id WHERE {_OF} AND number = 3"], {ALTERED}),
    "a record says something else": (
        [f"UPDATE till_journal SET payload = replace(payload, '\"total\":', '\"total\":1') WHERE {_OF} AND seq = 3"],
        {JOURNALS, CHAINS},
    ),
    "a record has another signature": (
        [f"UPDATE till_journal SET signature = reverse(signature) WHERE {_OF} AND seq = 3"],
        {JOURNALS, CHAINS},
    ),
    "two records have changed places": (
        [f"UPDATE till_journal SET seq = CASE seq WHEN 3 THEN 4 ELSE 3 END WHERE {_OF} AND seq IN (3, 4)"],
        {JOURNALS, CHAINS},
    ),
    "the till was told something else": (
        [
            f"""UPDATE till_journal SET answer = jsonb_set(answer, '{{result,total}}', '1')
              WHERE {_OF} AND kind = 'sale' AND seq = 3"""
        ],
        {ANSWERS},
    ),
    "a cent was booked elsewhere": (
        [
            f"""UPDATE journal_line SET amount_minor = amount_minor + 1 WHERE tenant_id = $1 AND position = 1
              AND entry_id = (SELECT id FROM journal_entry WHERE tenant_id = $1 AND source_id = {_SALE})"""
        ],
        {BOOKS},
    ),
    "an article has not left": (
        [f"DELETE FROM stock_move WHERE tenant_id = $1 AND source_id = {_SALE}"],
        {STOCK},
    ),
    "a balance is another one": (
        [f"UPDATE stock_balance SET on_hand = on_hand + 1 WHERE tenant_id = $1 {_AND}"],
        {STOCK},
    ),
    "a Z report says less": (
        [
            f"""UPDATE z_report SET report = jsonb_set(report, '{{total}}', '1') WHERE tenant_id = $1
              AND shift_id IN (SELECT id FROM shift WHERE {_OF})"""
        ],
        {REPORTS},
    ),
}


async def test_nothing_is_lost_doubled_or_reordered_whatever_is_killed(verdict: Verdict) -> None:
    assert verdict.good, table(verdict)
    assert len(verdict.struck) >= 9
    assert sum(len(one.sales) for one in verdict.witnesses) >= 60
    facts = verdict.facts
    killed = [facts["deaths of tills"], facts["deaths of browsers"], facts["answers lost"]]
    assert min(killed) >= 1, facts


@asynccontextmanager
async def forging(verdict: Verdict) -> AsyncIterator[asyncpg.Connection]:
    """Let the superuser do as they please, and undo it."""
    conn = await asyncpg.connect(verdict.stage.house.embedded.postgres.admin_url(DATABASE))
    await conn.execute("SET session_replication_role = replica")  # no trigger, no foreign key stands in the way
    transaction = conn.transaction()
    await transaction.start()
    try:
        yield conn
    finally:
        await transaction.rollback()
        await conn.close()


@pytest.mark.parametrize("name", FORGED)
async def test_the_judge_finds_what_the_superuser_forged(verdict: Verdict, name: str) -> None:
    statements, wanted = FORGED[name]
    tenant, till = verdict.stage.shop.tenant.id, verdict.stage.tills[1].till
    async with forging(verdict) as conn:
        for statement in statements:
            done = await conn.execute(statement, tenant, till)
            assert not done.endswith(" 0"), statement
        known = verdict.ledger
        forged = await read_ledger(conn, tenant, reports=known.reports, checks=known.checks)
    assert red(verdict.witnesses, forged) >= wanted


def red(witnesses: Sequence[Witness], ledger: Ledger) -> set[str]:
    """Name the questions that are not answered well."""
    return {finding.name for finding in judge(witnesses, ledger) if not finding.good}


async def test_the_judge_finds_what_a_till_lost_or_was_never_told(verdict: Verdict) -> None:
    first, *others = verdict.witnesses
    last = first.sales[-1]
    shorter = replace(first, entries=[entry for entry in first.entries if entry.seq < last.seq])
    assert red([shorter, *others], verdict.ledger) >= {SEEN, DOUBLED, JOURNALS, BOOKS, STOCK, REPORTS}
    untold = replace(first, answers={seq: told for seq, told in first.answers.items() if seq != last.seq})
    assert red([untold, *others], verdict.ledger) == {ANSWERS}
    doubted = replace(first, answers={**first.answers, last.seq: {**first.answers[last.seq], "status": "conflict"}})
    assert red([doubted, *others], verdict.ledger) == {ANSWERS}
    afraid = replace(first, alarms=["the server wants record 1 again"])
    assert red([afraid, *others], verdict.ledger) == {"alarms of the tills"}


async def test_the_judge_hears_the_servers_own_checks(verdict: Verdict) -> None:
    failed = replace(verdict.ledger, checks=[*verdict.ledger.checks, ("some check", False, "one row")])
    assert red(verdict.witnesses, failed) == {"the server's own checks"}
