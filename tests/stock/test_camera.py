"""Scanning with the camera: also in browsers without a reader of their own, and a sentence where there is no camera."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.support.bars import bars
from tests.support.browser import serve_folders

ROOT = Path(__file__).resolve().parents[2]
READER = next((ROOT / "static" / "vendor").glob("zxing-library@*/index.min.js")).relative_to(ROOT)
COLA = "4006381333931"

# A page with the camera's dialog and a form that keeps what is sent; its camera sees bars on white.
PAGE = """async ([reader, bars, words, refusal]) => {
  const make = (tag, facts = {}, ...inside) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(facts)) made.setAttribute(name, value);
    made.append(...inside);
    return made;
  };
  const says = make("p", { "data-camera-says": "", ...words });
  document.body.append(
    make("script", { "data-reader": reader, type: "text/plain" }),
    make("form", {}, make("input", { "data-scan-into": "" }),
      make("button", { type: "button", "data-camera": "" }, "Camera")),
    make("dialog", { id: "camera" }, make("video", { playsinline: "" }), says,
      make("button", { "data-camera-close": "" }, "Done")),
  );
  document.querySelector("video").muted = true;
  window.sent = [];
  document.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    window.sent.push(document.querySelector("input").value);
  });
  delete window.BarcodeDetector;
  const canvas = make("canvas", { width: 800, height: 600 });
  const paper = canvas.getContext("2d");
  const draw = () => {
    paper.fillStyle = "white";
    paper.fillRect(0, 0, 800, 600);
    paper.fillStyle = "black";
    [...bars].forEach((bar, at) => { if (bar === "1") paper.fillRect(200 + at * 4, 200, 4, 160); });
  };
  draw();
  setInterval(draw, 50);
  navigator.mediaDevices.getUserMedia = async () => {
    if (refusal) throw new DOMException("no", refusal);
    return canvas.captureStream();
  };
  await import("/static/js/scan.js");
}"""


@pytest.fixture
async def phone(browser: Browser) -> AsyncIterator[Page]:
    """An empty page under the product's security policy, as small as a phone's."""
    context = await browser.new_context(viewport={"width": 390, "height": 844})
    with serve_folders({"static": ROOT / "static"}) as origin:
        page = await context.new_page()
        await page.goto(origin)
        yield page
        await context.close()


async def test_the_camera_reads_where_the_browser_has_no_reader(phone: Page) -> None:
    asked: list[str] = []
    phone.on("request", lambda request: asked.append(request.url))
    errors: list[str] = []
    phone.on("console", lambda told: errors.append(told.text) if told.type == "error" else None)
    await phone.evaluate(PAGE, [f"/{READER}", bars(COLA), {"data-aim": "Aim."}, ""])
    assert not [url for url in asked if "vendor" in url]  # fetched when the camera is opened
    await phone.get_by_role("button", name="Camera").click()
    await expect(phone.locator("input")).to_have_value(COLA, timeout=20_000)
    assert len([url for url in asked if "vendor" in url]) == 1
    await phone.wait_for_timeout(600)
    assert await phone.evaluate("window.sent") == [COLA]  # still in the picture: the same piece
    await phone.get_by_role("button", name="Done").click()
    await phone.wait_for_timeout(300)
    assert await phone.evaluate("document.querySelector('video').srcObject === null")
    assert errors == []


@pytest.mark.parametrize(
    ("refusal", "told"),
    [("NotAllowedError", "denied"), ("NotFoundError", "missing"), ("NotReadableError", "taken"), ("Error", "failed")],
)
async def test_a_camera_that_is_not_there_is_told_with_what_to_do(phone: Page, refusal: str, told: str) -> None:
    words = {f"data-{word}": word for word in ("aim", "denied", "missing", "taken", "insecure", "failed")}
    await phone.evaluate(PAGE, [f"/{READER}", bars(COLA), words, refusal])
    await phone.get_by_role("button", name="Camera").click()
    await phone.locator("[data-camera-says]").get_by_text(told).wait_for()
    assert await phone.evaluate("window.sent") == []


def test_every_page_that_offers_the_camera_brings_it() -> None:
    """Each word that scan.js may say stands on its dialog, and a page with the button has dialog and script."""
    templates = ROOT / "templates" / "stock"
    dialog, script = (templates / "_camera.html").read_text(), (ROOT / "static/js/scan.js").read_text()
    for word in {*re.findall(r'say\("(\w+)"\)', script), *re.findall(r'Error: "(\w+)"', script), "failed"}:
        assert f"data-{word}=" in dialog, word
    for page in (templates / "counts" / "enter.html", templates / "transfers" / "show.html"):
        assert 'include "stock/_camera.html"' in page.read_text()
        assert 'include "stock/_camera_script.html"' in page.read_text()
