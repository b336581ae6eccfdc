"""A whole run: sell, strike, let the dust settle, judge."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg
from playwright.async_api import Playwright, async_playwright

from retail.cash.queries import shift as find_shift
from retail.checks import run_checks
from retail.kit.errors import Busy
from retail.runtime.embedded import DATABASE
from retail.sales.closing import so_far
from tests.chaos.director import Director
from tests.chaos.judge import Finding, Witness, judge
from tests.chaos.ledger import Ledger, read_ledger
from tests.chaos.page import Page
from tests.chaos.paper import Entry
from tests.chaos.plan import Run, blows
from tests.chaos.stage import Stage, TillProcess, stage

DRAIN_S = 300
_FIELDS = ("seq", "kind", "id", "at", "payload", "prev_hash", "hash")
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Verdict:
    """What a run came to, and the stage it was played on."""

    stage: Stage
    witnesses: Sequence[Witness]
    ledger: Ledger
    findings: Sequence[Finding]
    struck: Sequence[str]
    facts: dict[str, Any]

    @property
    def good(self) -> bool:
        return all(finding.good for finding in self.findings)


@asynccontextmanager
async def trial(run: Run, tell: Tell) -> AsyncIterator[Verdict]:
    """Play a run; gives the verdict while its stage still stands."""
    began = time.monotonic()
    async with stage(run) as built, async_playwright() as playwright:
        pages = [_page(built, playwright, place) for place in range(run.browsers)]
        try:
            for page in pages:
                await page.begin()
            tell(f"{time.monotonic() - began:7.2f} s  everything runs: {run}")
            selling = time.monotonic()
            director = Director(built, pages, tell)
            keeper = asyncio.create_task(director.keep_up())
            try:
                kept = await _play(built, director, pages)
            finally:
                keeper.cancel()
            drained = time.monotonic()
            tell(f"{drained - began:7.2f} s  every till has sent everything")
            witnesses = [*map(_of_process, built.tills), *kept]
            facts = _facts(built, pages) | {"played_s": round(drained - selling, 1)}
            yield await _settle(built, witnesses, director.struck, facts)
        finally:
            for page in pages:
                await page.close()


def _page(built: Stage, playwright: Playwright, place: int) -> Page:
    till, code, line = built.counters[place]
    return Page(built, playwright, till, code, line, built.folder / f"profile-{code}")


async def _play(built: Stage, director: Director, pages: Sequence[Page]) -> list[Witness]:
    for till in built.tills:
        till.start()
    wares = built.shop.products[:5]  # the sixth is weighed
    async with asyncio.TaskGroup() as group:
        group.create_task(director.run(blows(built.run)))
        for page in pages:
            group.create_task(page.sell(wares, built.run.by_browser, director.share))
    await _all_end(director)
    return [_of_page(page, await page.finish()) for page in pages]


async def _all_end(director: Director) -> None:
    until = time.monotonic() + DRAIN_S
    while any(till.ended is None for till in director.stage.tills):
        director.revive()
        late = [f"{till.code}: {till.log}" for till in director.stage.tills if till.ended is None]
        assert time.monotonic() < until, f"these tills don't get rid of their sales: {late}"
        await asyncio.sleep(0.1)
    director.revive()


def _of_process(till: TillProcess) -> Witness:
    disk = till.read()
    seen = [(said["number"], said["paid"], said["total"]) for said in till.said]
    return Witness(
        str(till.till), till.code, str(till.device), disk.entries, seen, disk.answers, disk.alarms, till.secret
    )


def _of_page(page: Page, kept: dict[str, Any]) -> Witness:
    records = sorted(kept["records"], key=lambda one: one["seq"])
    entries = [Entry(**{name: one[name] for name in _FIELDS}, signature=one.get("signature") or "") for one in records]
    answers = {
        one["seq"]: {"status": one.get("status", ""), "exceptions": one["exceptions"], "result": one["result"]}
        for one in records if one["acked"]
    }  # fmt: skip
    seen = [(number, "", 0) for number in page.seen]
    return Witness(str(page.till), page.code, kept["device"], entries, seen, answers, page.complaints)


async def _settle(built: Stage, witnesses: Sequence[Witness], struck: Sequence[str], facts: dict[str, Any]) -> Verdict:
    """Wait until the worker has caught up, judge, have everything sent once more, and judge what that changed."""
    checks = await _checks(built)
    before = await ledger_of(built, checks)
    findings = judge(witnesses, before)
    for till in built.tills:
        till.start("--again")
    again = Director(built, (), lambda _line: None)
    await _all_end(again)
    await _checks(built)
    after = await ledger_of(built, checks)
    changed = [f"{name} changed" for name, rows in after.rows.items() if list(rows) != list(before.of(name))]
    changed += [f"{till.code}: {said}" for till in built.tills for said in till.read().alarms]
    sent = sum(len(one.entries) for one in witnesses)
    findings.append(Finding("sent once more, nothing changed", sent, changed))
    return Verdict(built, witnesses, before, findings, struck, facts)


async def _checks(built: Stage) -> list[tuple[str, bool, str]]:
    """Run what `countertop check` runs, again until it is green or the worker has had its time."""
    until = time.monotonic() + 90
    while True:
        try:
            async with built.house.db.read(built.shop.scope) as read:
                found = [(one.name, one.ok, one.detail) for one in await run_checks(read)]
                idle = not await read.fetchval("SELECT EXISTS (SELECT FROM outbox WHERE tenant_id = $1)", read.tenant)
        except Busy:
            found, idle = [("the database answers", False, "busy")], False
        if (idle and all(ok for _name, ok, _detail in found)) or time.monotonic() > until:
            return found
        await asyncio.sleep(0.3)


async def ledger_of(built: Stage, checks: Sequence[tuple[str, bool, str]] = ()) -> Ledger:
    """Read what the server has, and its own X report of each shift that is open."""
    tenant = built.shop.tenant.id
    conn = await asyncpg.connect(built.house.embedded.postgres.admin_url(DATABASE))
    try:
        still = await conn.fetch("SELECT id FROM shift WHERE tenant_id = $1 AND closed_at IS NULL", tenant)
        async with built.house.db.read(built.shop.scope) as read:
            reports = {str(row["id"]): await so_far(read, await find_shift(read, row["id"])) for row in still}
        return await read_ledger(conn, tenant, reports=reports, checks=checks)
    finally:
        await conn.close()


def _facts(built: Stage, pages: Sequence[Page]) -> dict[str, Any]:
    kinds: Counter[str] = Counter()
    for till in built.tills:
        kinds["deaths of tills"] += till.deaths
        kinds["records torn in half"] += till.read().facts.get("torn", 0)
    for page in pages:
        kinds["deaths of browsers"] += page.deaths
        kinds["pages that had to be loaded anew"] += len(page.torn_away)
    kinds["answers lost"] = sum(line.lost for line in built.all_lines)
    kinds["deliveries that came twice"] = sum(line.repeated for line in built.all_lines)
    kinds["deliveries"] = sum(line.deliveries for line in built.all_lines)
    replayed = [one["status"] for till in built.tills for one in till.read().answers.values()]
    kinds["records answered as known already"] = replayed.count("replayed")
    return dict(kinds) | _times(built)


def _times(built: Stage) -> dict[str, Any]:
    """Say how long the web processes took for the deliveries that they took in, as they logged it."""
    texts = [web.program.log.read_text(errors="replace") for web in built.webs]
    lines = [
        json.loads(line) for text in texts for line in text.splitlines() if '/journal"' in line and line[-1] == "}"
    ]
    taken = sorted(line["ms"] for line in lines if line.get("status") == 200)
    busy = sum(line.get("status") == 503 for line in lines)
    if not taken:
        return {"busy answers": busy}
    place = {"median": len(taken) // 2, "worst of a hundred": len(taken) * 99 // 100, "worst": len(taken) - 1}
    return {"busy answers": busy} | {f"ms of a delivery, {name}": round(taken[at]) for name, at in place.items()}
