"""The till's half of tests/vectors/gs1.json and scans.json, and a comparison of both readers on made-up texts."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.async_api import Page

from retail.catalog.codes.layouts import layout_of
from retail.catalog.codes.reading import Terms, read_scan
from retail.kit.gs1 import GS, Element, NotGs1, elements, from_link, identifiers

VECTORS = Path(__file__).resolve().parents[1] / "vectors"
GS1: dict[str, Any] = json.loads((VECTORS / "gs1.json").read_text())
SCANS: list[dict[str, Any]] = json.loads((VECTORS / "scans.json").read_text())
READ = """async ([name, texts]) => {
  const gs1 = await import("/kiosk/till/gs1.js");
  return texts.map((text) => {
    try { return { elements: [...gs1[name](text)] }; } catch (error) { return { wrong: error.wrong, ai: error.ai }; }
  });
}"""
SCAN = """async (cases) => {
  const { readScan } = await import("/kiosk/till/barcode.js");
  return Promise.all(cases.map(({ text, layouts, exponent, currency, year }) =>
    readScan(text, { layouts, exponent, currency, thisYear: year })));
}"""


async def test_the_till_reads_element_strings_as_the_server_does(bare: Page) -> None:
    found = await bare.evaluate(READ, ["splitElements", [case["text"] for case in GS1["strings"]]])
    assert found == [{key: case[key] for key in case.keys() - {"name", "text"}} for case in GS1["strings"]]


async def test_the_till_reads_links_as_the_server_does(bare: Page) -> None:
    found = await bare.evaluate(READ, ["splitLink", [case["text"] for case in GS1["links"]]])
    assert found == [{key: case[key] for key in case.keys() - {"text"}} for case in GS1["links"]]


async def test_the_till_knows_the_same_days_and_check_digits(bare: Page) -> None:
    days = await bare.evaluate(
        """async (days) => {
             const { dayOf } = await import("/kiosk/till/gs1.js");
             return days.map(([text, year]) => [text, year, dayOf(text, year)]);
           }""",
        GS1["days"],
    )
    values = await bare.evaluate(
        """async (values) => {
             const { valueCheckDigit } = await import("/kiosk/till/barcode.js");
             return values.map(([value]) => [value, valueCheckDigit(value)]);
           }""",
        GS1["value_check_digits"],
    )
    assert [days, values] == [GS1["days"], GS1["value_check_digits"]]


async def test_the_till_understands_every_scan_as_the_server_does(bare: Page) -> None:
    for case, found in zip(SCANS, await bare.evaluate(SCAN, SCANS), strict=True):
        wanted = case["reading"]
        assert found["kind"] == wanted["kind"], case["name"]
        if wanted["kind"] == "code":
            assert {key: found[key] for key in wanted} == wanted, case["name"]


def made_up(chance: random.Random) -> str:
    """Make a text that is nearly an element string: right pieces, cut, swapped, with separators where they like."""
    text = ""
    for _piece in range(chance.randint(1, 5)):
        identifier = chance.choice(list(identifiers().values()))
        letters = "0123456789" * 4 + "AZaz-/#."
        length = identifier.most if chance.random() < 0.8 else chance.randint(0, identifier.most + 2)
        text += identifier.ai + "".join(chance.choices(letters if chance.random() < 0.3 else "0123456789", k=length))
        text += GS if chance.random() < 0.5 else ""
    return chance.choice(["", "", GS, "]C1", "]d2", "]Q3", "https://shop.example/01/"]) + text


async def test_both_readers_agree_on_thousands_of_made_up_texts(bare: Page) -> None:
    chance = random.Random(4)
    texts = [made_up(chance) for _ in range(3000)] + [
        "21" + "".join(chance.choices("0123456789", k=11)) for _ in range(500)
    ]
    layouts = ["21IIIIVPPPPPC", "21IIIIIWWWWWC.2", "02IIIIIVPPPPC"]
    terms = Terms([layout_of(text) for text in layouts], 3, "048", 2026)
    cases = [{"text": text, "layouts": layouts, "exponent": 3, "currency": "048", "year": 2026} for text in texts]
    for text, found in zip(texts, await bare.evaluate(SCAN, cases), strict=True):
        reading = read_scan(text, terms)
        assert [reading.misread, reading.code] == [found["kind"] == "misread", found["code"]], text
        if not reading.misread:
            assert list(reading.candidates) == found["candidates"], text
            assert [reading.measures, reading.price_minor] == [found["measures"], found["price"]], text
    for name, read in (("splitElements", elements), ("splitLink", lambda text: elements(from_link(text)))):
        for text, found in zip(texts, await bare.evaluate(READ, [name, texts]), strict=True):
            assert told(read, text) == found, text


def told(read: Callable[[str], list[Element]], text: str) -> dict[str, Any]:
    try:
        return {"elements": [[one.ai, one.text] for one in read(text)]}
    except NotGs1 as refused:
        return {"wrong": refused.wrong, "ai": refused.ai}
