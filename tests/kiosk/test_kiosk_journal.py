"""The journal: on the disk before the screen says so, chained, contiguous, and never lost."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.async_api import BrowserContext, Page, expect

from tests.support.fake_till_server import FakeTillServer
from tests.support.fake_till_shop import GENESIS, TILL, chain_hash
from tests.support.till_page import DATABASE, TillPage, eventually

FULL = """() => {
  const real = IDBObjectStore.prototype.add;
  window.room = () => { IDBObjectStore.prototype.add = real; };
  IDBObjectStore.prototype.add = function () { throw new DOMException("no room", "QuotaExceededError"); };
}"""
FULL_AT_COMMIT = """() => {
  const real = IDBObjectStore.prototype.add;
  window.room = () => { IDBObjectStore.prototype.add = real; };
  IDBObjectStore.prototype.add = function (...all) {
    const request = real.apply(this, all);
    request.addEventListener("success", () => this.transaction.abort());
    return request;
  };
}"""


def linked(records: list[dict[str, Any]], device: str) -> bool:
    """Work the chain out again, from the protocol's words alone."""
    before = GENESIS
    for place, record in enumerate(records, start=1):
        if (
            record["seq"] != place
            or record["prev_hash"] != before
            or record["hash"] != chain_hash(TILL, device, record)
        ):
            return False
        before = record["hash"]
    return True


async def device_of(till: TillPage) -> str:
    return await till.page.evaluate(
        """(name) => new Promise((resolve) => {
             const open = indexedDB.open(name);
             open.onsuccess = () => {
               open.result.transaction("meta").objectStore("meta").get("device").onsuccess = ({ target }) => {
                 open.result.close();
                 resolve(target.result);
               };
             };
           })""",
        DATABASE,
    )


@pytest.mark.shell
async def test_a_sale_is_on_the_disk_when_the_page_says_paid(
    selling: TillPage, fake: FakeTillServer, context: BrowserContext
) -> None:
    await selling.works_offline()
    fake.stop()
    await selling.scan(0, 2)
    await selling.scan(2)
    await selling.page.locator(".charge").click()
    await selling.press("2000")
    # the moment the word appears, the page is killed
    await selling.page.evaluate("""() => new MutationObserver(() => {
      if (!document.getElementById("receipt").hidden) location.replace("about:blank");
    }).observe(document.getElementById("receipt"), { attributes: true })""")
    await selling.page.get_by_role("button", name="Complete sale").click(no_wait_after=True)
    await selling.page.wait_for_url("about:blank")
    await selling.page.close()
    fake.start()
    again = await TillPage.open(context, fake)
    records = await again.journal()
    assert [record["kind"] for record in records] == ["shift_opened", "sale"]
    sale = json.loads(records[1]["payload"])
    assert [sale["number"], sale["total"], sale["tenders"]] == [
        1,
        975,
        [{"type": "cash", "amount": 2000, "change": 1025}],
    ]
    await again.has_lines()
    await eventually(lambda: [one["id"] for one in fake.sales], [sale["id"]])


async def test_the_chain_and_the_numbers_hold_when_checked_from_outside(
    selling: TillPage, fake: FakeTillServer
) -> None:
    for index in (0, 1, 2, 3, 5):
        await selling.sell(index)
    await eventually(lambda: len(fake.sales), 5)
    records = await selling.journal()
    assert linked(records, await device_of(selling))
    assert [sale["number"] for sale in fake.sales] == [1, 2, 3, 4, 5]
    assert [{key: record[key] for key in fake.records[0]} for record in records] == fake.records


@pytest.mark.shell
async def test_a_changed_record_is_noticed_at_the_next_start(
    selling: TillPage, fake: FakeTillServer, context: BrowserContext
) -> None:
    await selling.sell(0)
    await eventually(lambda: len(fake.sales), 1)
    await selling.page.evaluate(
        """(name) => new Promise((resolve) => {
             const open = indexedDB.open(name);
             open.onsuccess = () => {
               const store = open.result.transaction("journal", "readwrite").objectStore("journal");
               store.get(2).onsuccess = ({ target }) => {
                 const changed = { ...target.result, payload: target.result.payload.replace("420", "120") };
                 store.put(changed).onsuccess = () => { open.result.close(); resolve(); };
               };
             };
           })""",
        DATABASE,
    )
    await selling.page.reload()
    await selling.shows("needs attention")
    await selling.tap("Look")
    await selling.shows("The journal of this device was changed")


@pytest.mark.parametrize("failure", [FULL, FULL_AT_COMMIT], ids=["refused", "lost at commit"])
async def test_a_full_disk_never_says_paid(selling: TillPage, fake: FakeTillServer, failure: str) -> None:
    await selling.scan(0)
    await selling.page.locator(".charge").click()
    await selling.press("500")
    await selling.page.evaluate(failure)
    await selling.tap("Complete sale")
    await selling.shows("This sale is NOT recorded")
    assert await selling.page.locator("#receipt").is_visible() is False
    assert [record["kind"] for record in await selling.journal()] == ["shift_opened"]
    selling.errors.clear()  # the page reports why
    await selling.page.evaluate("window.room()")
    await selling.tap("Try again")
    await expect(selling.page.get_by_role("heading", name="Paid")).to_be_visible()
    await eventually(lambda: [sale["number"] for sale in fake.sales], [1])
    await selling.tap("Next sale")
    await selling.has_lines()


async def test_pressing_twice_records_once(selling: TillPage, fake: FakeTillServer) -> None:
    await selling.scan(0)
    await selling.page.locator(".charge").click()
    await selling.page.locator(".quick .btn").first.click()
    await selling.page.evaluate(
        "() => { const go = document.querySelector('.pay-side .btn.xl'); go.click(); go.click(); }"
    )
    await expect(selling.page.get_by_role("heading", name="Paid")).to_be_visible()
    await eventually(lambda: len(fake.sales), 1)


PRUNE = """async (days) => {
  const { Journal } = await import("/kiosk/till/journal.js");
  const { openTill } = await import("/kiosk/till/db.js");
  const db = await openTill("shop", `t${days}`, () => {});
  const journal = new Journal(db, "t", "d");
  for (let i = 1; i <= 4; i += 1) {
    await journal.append("sale", () => ({ id: `s${i}`, payload: { i }, takesNumber: true }));
  }
  const created = { status: "created", exceptions: [], result: null };
  await journal.acknowledge([1, 2, 3].map((seq) => ({ seq, id: `s${seq}`, ...created })));
  await journal.prune(Date.now() + days * 24 * 3600 * 1000);
  const kept = await db.getAllKeys("journal");
  return [kept, await journal.verify(), journal.head.next];
}"""


async def test_acknowledged_records_are_kept_for_thirty_days_and_others_for_ever(bare: Page) -> None:
    assert await bare.evaluate(PRUNE, 29) == [[1, 2, 3, 4], 0, 5]
    assert await bare.evaluate(PRUNE, 31) == [[4], 0, 5]
    assert await bare.evaluate(PRUNE, 4000) == [[4], 0, 5]


async def test_two_writers_cannot_fork_the_chain(bare: Page) -> None:
    answer = await bare.evaluate(
        """async () => {
             const { Journal, NotRecorded } = await import("/kiosk/till/journal.js");
             const { openTill } = await import("/kiosk/till/db.js");
             const db = await openTill("shop", "fork", () => {});
             const [one, two] = [new Journal(db, "t", "d"), new Journal(db, "t", "d")];
             await one.load();
             await two.load();
             await one.append("sale", () => ({ id: "a", payload: {} }));
             const second = await two.append("sale", () => ({ id: "b", payload: {} })).catch((error) => error);
             return [second instanceof NotRecorded, (await db.getAll("journal")).map((entry) => entry.id)];
           }"""
    )
    assert answer == [True, ["a"]]


WORKED = [  # docs/algorithms/till-journal.md, worked example
    {
        "seq": 1,
        "kind": "shift_opened",
        "id": "0199a000-0000-7000-8000-000000000101",
        "at": "2026-11-20T08:00:00.000Z",
        "payload": '{"id":"0199a000-0000-7000-8000-000000000101","opening_float":10000}',
        "prev_hash": GENESIS,
        "hash": "878abd85b96359fb32a657efd10d2cf94638ed151e888863a1d380a3733b06b8",
    },
    {
        "seq": 2,
        "kind": "drawer_opened",
        "id": "0199a000-0000-7000-8000-000000000102",
        "at": "2026-11-20T08:05:30.250Z",
        "payload": '{"id":"0199a000-0000-7000-8000-000000000102",'
        '"shift":"0199a000-0000-7000-8000-000000000101","reason":"Käse"}',
        "prev_hash": "878abd85b96359fb32a657efd10d2cf94638ed151e888863a1d380a3733b06b8",
        "hash": "f943f778f3ac1ff0ac050a28e40db866ad441ae60af2570a5578a6c4fa9e7822",
    },
]


@pytest.mark.parametrize("record", WORKED)
async def test_the_hash_is_the_document_s(bare: Page, record: dict[str, Any]) -> None:
    found = await bare.evaluate(
        """async (record) => {
             const { hashOf } = await import("/kiosk/till/journal.js");
             return hashOf("0199a000-0000-7000-8000-0000000000a1", "0199a000-0000-7000-8000-0000000000d1", record);
           }""",
        record,
    )
    assert found == record["hash"]


async def test_a_scan_while_a_sale_is_being_recorded_begins_the_next(selling: TillPage, fake: FakeTillServer) -> None:
    await selling.scan(0)
    await eventually(lambda: selling.page.locator(".lines li").count(), 1)
    await selling.page.locator(".charge").click()
    await selling.page.locator(".quick .btn").first.click()
    await selling.page.evaluate(
        """async () => {
             const { scanned } = await import("/kiosk/till/sell.js");
             const { till } = await import("/kiosk/till/context.js");
             document.querySelector(".pay-side .btn.xl").click();
             await scanned(till.catalogue.products[2].barcodes[0], 0);
           }"""
    )
    await selling.has_lines("1 Whole milk 1 l €1.35")
    await selling.page.reload()
    await selling.has_lines("1 Whole milk 1 l €1.35")
    await eventually(
        lambda: [[line["product"] for line in sale["lines"]] for sale in fake.sales], [[fake.products[0].id]]
    )
