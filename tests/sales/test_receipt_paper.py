"""A receipt that the office or a customer prints has paper of its own size, and its small print is small."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page

from retail.sales.receipts.pages import foreign_text

STYLES = Path(__file__).parents[2] / "static" / "css"
PAPER = """<main class="paper" data-form="{}">
  <header class="paper-head"><p>Market 4</p></header><p class="paper-foot">Tax number</p>
</main>"""


async def shown(browser: Browser, form: str) -> Page:
    page = await browser.new_page()
    css = "".join((STYLES / name).read_text() for name in ("tokens.css", "base.css", "receipt.css"))
    await page.set_content(f"<style>{css}</style><body class='on-paper'>{PAPER.format(form)}")
    return page


@pytest.mark.parametrize(("form", "points"), [("80", (227, 842)), ("58", (164, 842)), ("a4", (595, 842))])
async def test_the_page_is_as_large_as_the_paper(browser: Browser, form: str, points: tuple[int, int]) -> None:
    page = await shown(browser, form)
    [box] = re.findall(rb"MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", await page.pdf(prefer_css_page_size=True))
    assert tuple(round(float(side)) for side in box) == points
    await page.close()


async def test_the_tax_number_is_no_larger_than_the_address(browser: Browser) -> None:
    page = await shown(browser, "80")
    sizes = await page.evaluate("[...document.querySelectorAll('p')].map((one) => getComputedStyle(one).fontSize)")
    assert len(set(sizes)) == 1
    await page.close()


def test_foreign_notes_are_written_as_the_business_writes_numbers() -> None:
    notes = {"currency": "USD", "amount": 1000, "rate_billionths": 920_000_000}
    assert foreign_text(notes, "de-DE") == "10,00\N{NO-BREAK SPACE}$ at 0,92"
    assert foreign_text(notes, "en-IE") == "US$10.00 at 0.92"
