"""The camera as a scanner: what it reads goes the way of every scan; where there is none the till says what to do."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.support.bars import bars
from tests.support.fake_till_server import FakeTillServer
from tests.support.till_page import TillPage, eventually

LOAF = "1 Sourdough loaf 800 g \u20ac4.20"
# The camera sees bars on white, or is refused; the browser has no reader of its own.
SEES = """([bars, refusal]) => {
  delete window.BarcodeDetector;
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [800, 600];
  const paper = canvas.getContext("2d");
  const draw = () => {
    paper.fillStyle = "white";
    paper.fillRect(0, 0, 800, 600);
    paper.fillStyle = "black";
    [...bars].forEach((bar, at) => { if (bar === "1") paper.fillRect(200 + at * 4, 200, 4, 160); });
  };
  draw();
  setInterval(draw, 50);
  window.streams = [];
  navigator.mediaDevices.getUserMedia = async () => {
    if (refusal) throw new DOMException("no", refusal);
    window.streams.push(canvas.captureStream());
    return window.streams.at(-1);
  };
}"""
ENDED = "window.streams.every((one) => one.getTracks().every((track) => track.readyState === 'ended'))"
KEPT = """async () => {
  const names = await caches.keys();
  const kept = (await Promise.all(names.map(async (one) => (await caches.open(one)).keys()))).flat();
  return kept.some((one) => one.url.includes("zxing"));
}"""


async def open_camera(till: TillPage, *, refusal: str = "") -> None:
    """Open it by its button, which comes with the rest of the till."""
    await till.page.evaluate(SEES, [bars(till.fake.products[0].barcodes[0]), refusal])
    button = till.page.get_by_role("button", name="Scan with the camera")
    await expect(button).to_be_visible(timeout=60_000)
    await button.click()
    await expect(till.page.get_by_role("dialog", name="Scan with the camera")).to_be_visible()


@pytest.mark.shell
async def test_the_camera_scans_once_what_stays_in_the_picture_and_offline_once_it_was_used(
    selling: TillPage, fake: FakeTillServer
) -> None:
    await selling.works_offline()
    assert not await selling.page.evaluate(KEPT)
    await open_camera(selling)
    sheet = selling.page.get_by_role("dialog", name="Scan with the camera")
    await selling.has_lines(LOAF)
    await expect(sheet.get_by_role("status")).to_contain_text("Sourdough loaf 800 g")
    await selling.page.wait_for_timeout(600)
    await selling.has_lines(LOAF)
    await sheet.get_by_role("button", name="Done").click()
    await expect(sheet).to_have_count(0)
    assert await selling.page.evaluate(ENDED)
    await selling.page.reload()
    await selling.has_lines(LOAF)
    await selling.page.evaluate("import('/kiosk/till/camera_reader.js').then(({ finder }) => finder()).then(() => {})")
    await eventually(lambda: selling.page.evaluate(KEPT), wanted=True)
    fake.stop()
    await selling.hear()
    await expect(selling.page.locator(".top .pill")).to_contain_text("Offline", timeout=20_000)
    await open_camera(selling)
    await selling.has_lines(LOAF.replace("1 ", "2 ", 1).replace("4.20", "8.40"))
    fake.start()


@pytest.mark.shell
@pytest.mark.parametrize(
    ("refusal", "told"),
    [
        ("NotAllowedError", "The browser may not use the camera."),
        ("NotFoundError", "There is no camera here."),
        ("NotReadableError", "Another program uses the camera."),
    ],
)
async def test_a_camera_that_is_not_there_is_said_with_what_to_do(selling: TillPage, refusal: str, told: str) -> None:
    await open_camera(selling, refusal=refusal)
    await expect(selling.page.get_by_role("dialog").get_by_text(told)).to_be_visible()
    await selling.key("Enter")
    await expect(selling.page.get_by_role("dialog")).to_have_count(0)
    await selling.scan(0)
    await selling.has_lines(LOAF)
