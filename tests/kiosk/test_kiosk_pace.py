"""How long a scan takes is measured at the till, kept on the device, and shown."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.support.till_page import TillPage, eventually

PACE = """async () => (await import("/kiosk/till/pace.js")).paceOf()"""
SCANS = f"({PACE})().then((pace) => pace?.scans ?? 0)"
KEPT = """async () => {
  const { till } = await import("/kiosk/till/context.js");
  return (await till.db.get("meta", "pace")).length;
}"""
WORKED_OUT = """async () => {
  const { notePace, paceOf } = await import("/kiosk/till/pace.js");
  for (let ms = 1; ms <= 600; ms += 1) notePace(ms);
  notePace(-1);
  notePace(10_000);
  return paceOf();
}"""


@pytest.mark.shell
async def test_every_scan_is_measured_and_what_is_tapped_is_not(selling: TillPage) -> None:
    await eventually(
        lambda: selling.page.evaluate("import('/kiosk/till/pace.js').then(({ measuring }) => measuring)"), wanted=True
    )
    await selling.scan(0)
    await selling.page.locator(".tile", has_text="Sourdough").click()
    await selling.scan(5)
    await eventually(lambda: selling.page.evaluate(SCANS), 2)
    pace = await selling.page.evaluate(PACE)
    assert 0 < pace["scan_p50"] <= pace["scan_p99"] < 10_000
    told = await selling.page.evaluate("""async () => (await import("/kiosk/till/health.js")).healthOf()""")
    assert (told["scans"], told["scan_p50"], told["scan_p99"]) == (2, pace["scan_p50"], pace["scan_p99"])
    await selling.page.locator(".top .pill").click()
    await selling.page.get_by_text("How this till is doing", exact=True).click()
    await expect(selling.page.get_by_text("at the slow end, of 2 scans")).to_be_visible()


@pytest.mark.shell
async def test_the_last_five_hundred_count_and_outlast_the_page(selling: TillPage) -> None:
    pace = await selling.page.evaluate(WORKED_OUT)
    assert pace == {"scans": 500, "scan_p50": 350, "scan_p99": 595}
    await eventually(lambda: selling.page.evaluate(KEPT), 500)
    await selling.page.reload()
    await eventually(lambda: selling.page.evaluate(SCANS), 500)
