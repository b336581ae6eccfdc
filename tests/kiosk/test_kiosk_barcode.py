"""What a scanned text means: GTINs, in-shop labels, GS1 elements, and what is no code at all."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Page

from retail.kit.barcode import normalise
from tests.support.fake_till_shop import ean13

WEIGHT_LABEL = "21IIIIIWWWWWC"
PRICE_LABEL = "22IIIIIPPPPPC"


async def read(page: Page, text: str, layouts: list[str] | None = None) -> dict[str, Any]:
    return await page.evaluate(
        """async ([text, layouts]) => {
             const { readScan } = await import("/kiosk/till/barcode.js");
             return readScan(text, { layouts, exponent: 2 });
           }""",
        [text, layouts or []],
    )


@pytest.mark.parametrize(
    "code", ["96385074", "036000291452", "4006381333931", "04006381333931", "ab-12", " x1 ", "12345670", "12345678"]
)
async def test_the_till_and_the_server_bring_a_code_to_the_same_form(bare: Page, code: str) -> None:
    assert (await read(bare, code))["code"] == normalise(code)


@pytest.mark.parametrize("aim", ["", "]E0", "]E4", "]C0"])
async def test_a_symbology_id_is_no_part_of_the_code(bare: Page, aim: str) -> None:
    scan = await read(bare, aim + "4006381333931")
    assert [scan["kind"], scan["code"], scan["sure"]] == ["code", "04006381333931", True]


@pytest.mark.parametrize(
    ("text", "sure"),
    [
        ("4006381333932", False),  # wrong check digit
        ("400638133393", False),  # one digit short
        ("381333931", False),  # the tail of a code
        ("4006381333931", True),
        ("SHELF-7", True),  # letters: a label of the shop's own
        ("]C0123456", True),  # digits of a symbology with a check of its own
    ],
)
async def test_digits_without_a_right_check_digit_are_never_sure(bare: Page, text: str, *, sure: bool) -> None:
    assert (await read(bare, text))["sure"] is sure


@pytest.mark.parametrize("text", ["", "]E0", "\r\n"])
async def test_nothing_is_a_misread(bare: Page, text: str) -> None:
    assert (await read(bare, text))["kind"] == "misread"


async def test_control_characters_of_the_scanner_are_dropped(bare: Page) -> None:
    assert (await read(bare, "\x024006381333931\x03"))["raw"] == "4006381333931"


async def test_a_layout_makes_a_label_say_what_it_weighs_or_costs(bare: Page) -> None:
    scan = await read(bare, ean13("210001200762"), [PRICE_LABEL, WEIGHT_LABEL])
    assert [scan["measures"], scan["price"]] == [{"own": 762}, None]
    scan = await read(bare, ean13("220001200152"), [PRICE_LABEL, WEIGHT_LABEL])
    assert [scan["measures"], scan["price"], scan["sure"]] == [{}, 152, True]


async def test_a_gs1_text_that_makes_no_sense_is_a_misread(bare: Page) -> None:
    assert (await read(bare, "]C1014006"))["kind"] == "misread"
