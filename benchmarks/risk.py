"""What a rule of loss prevention costs: at the till before an act, and on the server when the record has come.

    python -m benchmarks.risk [--records 2000] [--rounds 200]

The till's journal holds a day of records, one in ten of which a rule counts; each question is asked with one record
more. Beside it a read of one record from the same database in the browser. On the server a store has a month of acts;
each round notes one opening of a drawer and judges it. Beside it one row read in a unit of work.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from datetime import timedelta
from uuid import UUID

from playwright.async_api import async_playwright

from benchmarks.support.stage import stage
from benchmarks.support.table import percentile, show, verdict
from benchmarks.support.usage import load_of_others
from benchmarks.support.world import open_world
from retail.cash import open_drawer
from retail.kit.ids import new_id
from retail.risk.noting import note
from retail.runtime.db import Database
from retail.runtime.tenancy import Scope
from scripts.ensure_browser import of_playwright, of_system
from tests.support.fake_till_server import running_fake
from tests.support.till_page import TillPage

TARGET_MS = 20.0
ACTS = 3_000
_FILL = """async (count) => {
  const { till } = await import("/kiosk/till/context.js");
  for (let i = 0; i < count; i += 1) {
    const id = crypto.randomUUID();
    const kind = i % 10 ? "cash_moved" : "drawer_opened";
    await till.journal.append(kind, () => ({ id, payload: { id, reason: "Change" } }));
  }
}"""
_ASK = """async (rounds) => {
  const { till } = await import("/kiosk/till/context.js");
  const { state } = await import("/kiosk/till/state.js");
  const { outcomeOf } = await import("/kiosk/till/risk.js");
  const rule = (kind) => ({ [`${kind}_outcome`]: "reason", [`${kind}_least`]: 3, [`${kind}_minutes`]: 60 });
  state.setup.settings = { risk: { ...rule("no_sale"), ...rule("void"), ...rule("override"), ...rule("refund") } };
  await outcomeOf("no_sale");
  const asked = [], floor = [];
  for (let i = 0; i < rounds; i += 1) {
    const id = crypto.randomUUID();
    await till.journal.append("drawer_opened", () => ({ id, payload: { id, reason: "Change" } }));
    let from = performance.now();
    await till.db.get("journal", till.journal.head.seq);
    floor.push(performance.now() - from);
    from = performance.now();
    await outcomeOf("no_sale");
    asked.push(performance.now() - from);
  }
  return { asked, floor };
}"""
_ACTS = """
INSERT INTO risk_act (tenant_id, id, kind, store_id, till_id, cashier_id, subject_id, amount_minor, explained, approved,
                      occurred_at, created_at)
SELECT $1, gen_random_uuid(), 'no_sale', $2, $3, ($4::uuid[])[n % 4 + 1], gen_random_uuid(), 0, true, false,
       $5::timestamptz - n * interval '15 minutes', $5 FROM generate_series(1, $6::int) AS n"""


async def at_the_till(records: int, rounds: int) -> tuple[list[float], list[float]]:
    """Ask before an act; ms of the question and of one read."""
    with running_fake() as fake:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=of_system() or of_playwright())
            context = await browser.new_context()
            page = await TillPage.open(context, fake)
            await page.open_shift("100")
            await page.page.evaluate(_FILL, records)
            found = await page.page.evaluate(_ASK, rounds)
            await browser.close()
    return found["asked"], found["floor"]


async def at_the_server(db: Database, scope: Scope, shift: UUID, rounds: int) -> tuple[list[float], list[float]]:
    """Note and judge openings; ms of each, and of a unit of work that reads one row."""
    judged, floor = [], []
    for place in range(rounds):
        began = time.perf_counter()
        async with db.begin(scope) as tx:
            await tx.fetchval("SELECT name FROM tenant WHERE id = $1", tx.tenant)
        floor.append((time.perf_counter() - began) * 1000)
        id = new_id()
        async with db.begin(scope) as tx:
            await open_drawer(tx, id, shift, "Change", tx.now - timedelta(minutes=7 * place))
        began = time.perf_counter()
        async with db.begin(scope) as tx:
            await note(tx, "no_sale", [id])
        judged.append((time.perf_counter() - began) * 1000)
    return judged, floor


async def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=200)
    asked = parser.parse_args()
    busy = load_of_others()
    async with stage() as on:
        world = await open_world(on.db, products=10, tills=1, stocked=False)
        till = world.tills[0]
        async with on.db.begin(world.shop.scope) as tx:
            people = [world.shop.scope.actor.id, *(new_id() for _ in range(3))]
            await tx.execute(_ACTS, tx.tenant, world.shop.store, till.id, people, tx.now, ACTS)
        judged, row = await at_the_server(on.db, world.shop.scope, till.shift, asked.rounds)
    question, read = await at_the_till(asked.records, asked.rounds)
    named = {
        f"at the till, {asked.records} records in the journal": question,
        "one record read there": read,
        f"at the server, {ACTS} acts in the store": judged,
        "one row read there": row,
    }
    show(
        "One rule, one act",
        ("", "p50 ms", "p95 ms", "p99 ms"),
        [(name, *(percentile(values, share) for share in (0.5, 0.95, 0.99))) for name, values in named.items()],
        note=f"{asked.rounds} rounds. {busy}.",
    )
    for name, values in (("till", question), ("server", judged)):
        worst = percentile(values, 0.99)
        verdict(f"risk at the {name}, p99", met=worst <= TARGET_MS, measured=f"{worst:.1f} ms", target="<= 20 ms")


if __name__ == "__main__":
    asyncio.run(main())
