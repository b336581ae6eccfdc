"""A till keeps the signed heads of the audit trail that the server acknowledges with, and gives them out as a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.fake_till_server import FakeTillServer
from tests.support.fake_till_shop import SLUG
from tests.support.till_page import DATABASE, TillPage, eventually

KEPT = """(name) => new Promise((resolve, reject) => {
  const open = indexedDB.open(name);
  open.onerror = () => reject(open.error);
  open.onsuccess = () => {
    const meta = open.result.transaction("meta").objectStore("meta");
    const found = {};
    meta.openCursor(IDBKeyRange.bound("audit", "audit:\\uffff")).onsuccess = ({ target: { result } }) => {
      if (!result) { open.result.close(); resolve(found); return; }
      found[result.key] = result.value;
      result.continue();
    };
  };
})"""


def head(seq: int, at: str) -> dict[str, Any]:
    return {"chain": "t", "seq": seq, "hash": f"{seq:064x}", "at": at, "key": "audit-1-00", "signature": "00" * 64}


async def kept(till: TillPage) -> dict[str, int]:
    return {name: one["seq"] for name, one in (await till.page.evaluate(KEPT, DATABASE)).items()}


async def test_the_newest_head_is_kept_and_the_first_of_each_ten_minutes_for_good(
    selling: TillPage, fake: FakeTillServer, tmp_path: Path
) -> None:
    assert await kept(selling) == {}
    given = [
        head(7, "2026-11-20T08:03:00.000000Z"),
        head(9, "2026-11-20T08:07:00.000000Z"),
        head(12, "2026-11-20T08:11:00.000000Z"),
        head(8, "2026-11-20T08:12:00.000000Z"),  # a trail that was cut, and grows again
    ]
    wanted = [
        {"audit": 7, "audit:2026-11-20T08:0": 7},
        {"audit": 9, "audit:2026-11-20T08:0": 7},
        {"audit": 12, "audit:2026-11-20T08:0": 7, "audit:2026-11-20T08:1": 12},
        {"audit": 8, "audit:2026-11-20T08:0": 7, "audit:2026-11-20T08:1": 12},
    ]
    for one, now in zip(given, wanted, strict=True):
        fake.audit_head = one
        await selling.sell(0)
        await eventually(lambda: kept(selling), now)

    # they leave the till as a file that `countertop audit verify --anchors` reads
    await selling.page.locator(".top .pill").click()
    await selling.page.get_by_text("How this till is doing", exact=True).click()
    await selling.shows("Kept up to record 8 of")
    async with selling.page.expect_download() as started:
        await selling.tap("Audit heads")
    download = await started.value
    assert download.suggested_filename == f"audit-heads-{SLUG}-T2.jsonl"
    await download.save_as(tmp_path / "heads.jsonl")
    lines = (tmp_path / "heads.jsonl").read_text().split("\n")
    assert [json.loads(line) for line in lines[:-1]] == [given[0], given[3], given[2]]
    assert lines[-1] == ""

    # a month later the old ones go
    await selling.page.evaluate(
        """async () => {
          const { till } = await import("/kiosk/till/context.js");
          await till.journal.prune(Date.parse("2026-12-20T08:05:00Z"));
        }"""
    )
    assert await kept(selling) == {"audit": 8, "audit:2026-11-20T08:1": 12}


@pytest.mark.shell
async def test_a_server_that_gives_none_changes_nothing(selling: TillPage, fake: FakeTillServer) -> None:
    fake.audit_head = head(7, "2026-11-20T08:03:00.000000Z")
    await selling.sell(0)
    await eventually(lambda: kept(selling), {"audit": 7, "audit:2026-11-20T08:0": 7})
    fake.audit_head = None
    await selling.sell(1)
    await eventually(lambda: len(fake.sales), 2)
    await selling.is_online()
    assert await kept(selling) == {"audit": 7, "audit:2026-11-20T08:0": 7}
