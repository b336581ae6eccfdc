"""Lots and pieces that come back at the till: asked for where it isn't clear, by scan, key and touch, also offline."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import BrowserContext, Locator, Page, expect

from tests.kiosk.test_kiosk_goods import opened, pay
from tests.kiosk.test_kiosk_returns import find, give_back, sheet, why
from tests.support.axe import violations
from tests.support.fake_till_server import FakeTillServer
from tests.support.till_page import TillPage, eventually

SOAP = "Washing-up liquid"
NUMBERS = ("A1-0001", "A2-0002", "A3-0003")


NAMED = """async ([lines, wanted, chosen]) => {
  const { namedOf } = await import("/kiosk/till/returns_named.js");
  const receipt = { lines: lines.map((line, i) => ({ id: `l${i}`, product: "p", returned: "0", ...line })) };
  const picked = new Map(Object.entries(chosen).map(([id, names]) => [id, new Set(names)]));
  const { named, missing } = namedOf(receipt, wanted, picked);
  return [named, missing?.id ?? null];
}"""
THREE = {"quantity": "3", "serials": ["A", "B", "C"]}
FOUR = {"quantity": "4", "serials": ["A", "B", "C"]}
ONE = {"quantity": "1", "serials": ["A", "B"]}


@pytest.mark.parametrize(("lines", "wanted", "chosen", "said"), [
    ([THREE], {"l0": 3000}, {}, [{"l0": {"serials": ["A", "B", "C"]}}, None]),
    ([THREE], {"l0": 2000}, {"l0": ["C"]}, [{"l0": {"serials": ["C"]}}, "l0"]),
    ([THREE], {"l0": 1000}, {"l0": ["C"]}, [{"l0": {"serials": ["C"]}}, None]),
    ([FOUR], {"l0": 1000}, {}, [{}, None]),  # it may be the one that had no number
    ([FOUR], {"l0": 3000}, {"l0": ["A"]}, [{"l0": {"serials": ["A"]}}, "l0"]),
    ([FOUR], {"l0": 4000}, {}, [{"l0": {"serials": ["A", "B", "C"]}}, None]),
    ([ONE, ONE], {"l1": 1000}, {}, [{}, "l1"]),
    ([ONE, ONE], {"l0": 1000, "l1": 1000}, {"l1": ["A"]},
     [{"l0": {"serials": ["B"]}, "l1": {"serials": ["A"]}}, None]),
    ([{"quantity": "2", "lots": ["L"]}], {"l0": 1000}, {}, [{"l0": {"lot": "L"}}, None]),
    ([{"quantity": "2", "lots": ["L", "M"]}], {"l0": 1000}, {}, [{}, "l0"]),
    ([{"quantity": "2", "lots": ["L", "M"]}], {"l0": 1000}, {"l0": ["M"]}, [{"l0": {"lot": "M"}}, None]),
    ([{"quantity": "2"}], {"l0": 1000}, {}, [{}, None]),
])  # fmt: skip
async def test_what_is_clear_needs_no_word_and_what_is_not_does(
    bare: Page, lines: list[Any], wanted: dict[str, int], chosen: dict[str, list[str]], said: list[Any]
) -> None:
    assert await bare.evaluate(NAMED, [lines, wanted, chosen]) == said


def piece(till: TillPage, number: str) -> Locator:
    return sheet(till, "Return from").get_by_role("button", name=number, exact=True)


async def finish(till: TillPage, fake: FakeTillServer, amount: str) -> list[dict[str, object]]:
    """Give the money back; gives the lines of the record."""
    before = len(fake.of_kind("goods_returned"))
    await give_back(till, amount)
    await till.tap("Done")
    await eventually(lambda: len(fake.of_kind("goods_returned")), before + 1)
    lines: list[dict[str, object]] = fake.of_kind("goods_returned")[-1]["lines"]
    return lines


@pytest.mark.shell
async def test_the_pieces_that_come_back_are_scanned_pressed_or_clear_by_themselves(
    fake: FakeTillServer, context: BrowserContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.pieces = dict.fromkeys(NUMBERS, "in_stock")
    gtin = fake.products[9].barcodes[0].zfill(14)
    till = await opened(context, fake, monkeypatch, traits={9: {"tracked": "serial"}})
    for many, number in enumerate(NUMBERS, 1):
        await till.hands.scan(f"]d201{gtin}21{number}")
        await till.has_lines(f"{many} {SOAP} €{many * 2.15:.2f}")
    await pay(till)

    await find(till, "1")
    await till.tap(f"More of {SOAP}")
    await why(till.page)
    await till.tap("Refund €2.15")
    await till.shows(f"Say which pieces of {SOAP} come back")
    await till.hands.scan("X9-0009")
    await till.shows("X9-0009 can't come back from this receipt.")
    for _twice in range(2):
        await till.hands.scan(f"]d201{gtin}21A2-0002")
        await expect(piece(till, "A2-0002")).to_have_attribute("aria-pressed", "true")
    assert [str(one) for one in await violations(till.page)] == []
    [line] = await finish(till, fake, "€2.15")
    assert (line["quantity"], line["serials"]) == ("1", ["A2-0002"])

    # by key, and without a network: what is back already isn't there any more
    await till.works_offline()
    fake.stop()
    await till.hear()
    await find(till, "1")
    await expect(piece(till, "A1-0001")).to_be_visible()
    await expect(piece(till, "A2-0002")).to_have_count(0)
    await piece(till, "A3-0003").focus()
    await till.key("Space")
    await expect(piece(till, "A3-0003")).to_have_attribute("aria-pressed", "true")
    await why(till.page)
    await give_back(till, "€2.15")
    await till.tap("Done")
    fake.start()
    await till.hear()
    await eventually(lambda: [one["lines"][0]["serials"] for one in fake.of_kind("goods_returned")],
                     [["A2-0002"], ["A3-0003"]])  # fmt: skip

    # the last one needs no word
    await find(till, "1")
    await till.tap("All of it")
    await expect(piece(till, "A1-0001")).to_have_attribute("aria-pressed", "true")
    await why(till.page)
    [line] = await finish(till, fake, "€2.15")
    assert line["serials"] == ["A1-0001"]
    assert till.errors == []


@pytest.mark.shell
async def test_the_lot_is_asked_for_where_the_receipt_has_several(
    fake: FakeTillServer, context: BrowserContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    gtin = fake.products[9].barcodes[0].zfill(14)
    till = await opened(context, fake, monkeypatch, traits={9: {"tracked": "lot"}})
    for lot in ("L-100", "L-200"):
        await till.hands.scan(f"]d201{gtin}10{lot}")
        await expect(till.page.locator(".lines .d", has_text=lot)).to_be_visible()
    await pay(till)
    await find(till, "1")
    await till.page.get_by_role("button", name=f"More of {SOAP}", exact=True).first.click()
    await why(till.page)
    await till.tap("Refund €2.15")
    await till.shows(f"Say which lot of {SOAP} comes back")
    await piece(till, "L-200").first.click()
    [line] = await finish(till, fake, "€2.15")
    assert line["lot"] == "L-200"

    await till.hands.scan(f"]d201{gtin}10L-300")
    await pay(till)
    await find(till, "2")
    await till.tap("All of it")
    await why(till.page)
    [line] = await finish(till, fake, "€2.15")
    assert line["lot"] == "L-300", "one lot needs no word"
    assert till.errors == []
