"""What goes to a receipt printer, read back by a parser of its own: text, pictures, codes, the cut, the drawer."""

from __future__ import annotations

from typing import Any

import pytest
import zxingcpp
from PIL import Image
from playwright.async_api import Page

from tests.support.escpos_reader import Paper, read

RUN = """async ([rows, paper, more]) => {
  const { bytesOf } = await import("/kiosk/till/escpos.js");
  const { draw } = await import("/kiosk/till/raster.js");
  return [...await bytesOf(rows, paper, draw, more)];
}"""
CODE = """async ([text, form]) => {
  const { qr } = await import("/kiosk/till/qr.js");
  const { barcode } = await import("/kiosk/till/code128.js");
  return (form === "qr" ? qr : barcode)(text);
}"""


def pair(left: str, right: str, size: str = "") -> dict[str, str]:
    return {"kind": "pair", "left": left, "right": right, "size": size}


def text(words: str, size: str = "", align: str = "center") -> dict[str, str]:
    return {"kind": "text", "text": words, "size": size, "align": align}


async def printed(page: Page, *rows: Any, width: int = 80, code_page: str = "cp858", **more: Any) -> Paper:
    paper = {"width": width, "page": code_page, "cut": True}
    return read(bytes(await page.evaluate(RUN, [list(rows), paper, more])))


async def test_pairs_reach_both_edges_and_long_names_break(bare: Page) -> None:
    name = "A name that is much longer than a line of paper can ever be"
    paper = await printed(bare, pair("Käse", "€4.20"), pair(name, "€12.00"), {"kind": "rule"})
    assert paper.lines[0] == "Käse" + " " * 39 + "€4.20"
    assert all(len(line) <= 48 for line in paper.lines)
    assert paper.lines[1].endswith("€12.00")
    assert " ".join(" ".join(paper.lines[1:-1]).replace("€12.00", "").split()) == name
    assert paper.lines[-1] == "-" * 48
    assert (paper.cuts, paper.kicks, paper.pictures) == (1, 0, [])


async def test_narrow_paper_has_32_columns_and_384_dots(bare: Page) -> None:
    paper = await printed(
        bare, pair("Brot", "€4.20"), {"kind": "code", "form": "qr", "text": "x", "under": ""}, width=58
    )
    assert paper.lines[0] == "Brot" + " " * 23 + "€4.20"
    assert {one.width for one in paper.pictures} == {384}


@pytest.mark.parametrize(
    ("code_page", "words"),
    [("cp858", "Grüße ß é €"), ("cp852", "Żółć ěščř"), ("cp866", "Привет"), ("cp1252", "Œuvre €"), ("cp1253", "Καφές"),
     ("cp1254", "Şişe ığ"), ("cp1250", "Łódź"), ("cp1251", "Їжак")],
)  # fmt: skip
async def test_every_code_page_prints_its_letters(bare: Page, code_page: str, words: str) -> None:
    paper = await printed(bare, text(words), code_page=code_page)
    assert paper.page == code_page
    assert (paper.lines, paper.pictures) == ([words], [])


async def test_signs_that_a_page_lacks_have_plain_ones(bare: Page) -> None:
    paper = await printed(
        bare, pair("2 \u00d7 4\u202f\u20ac", "\u22124.20"), text("\u201eA\u201c \u2026"), code_page="cp866"
    )
    assert paper.lines == [] or paper.pictures  # the euro is in no Cyrillic page
    paper = await printed(bare, pair("2 \u00d7 4", "\u22124.20"), text("\u201eA\u201c \u2026"), code_page="cp866")
    assert paper.lines[0].split() == ["2", "x", "4", "-4.20"]
    assert paper.lines[1] == '"A" ...'


async def test_letters_that_no_page_has_become_a_picture_and_the_rest_stays_text(bare: Page) -> None:
    paper = await printed(bare, pair("قهوة", "€4.20"), pair("Kaffee", "€4.20"), pair("咖啡", "€4.20"))
    assert len(paper.lines) == 1
    assert len(paper.pictures) == 2
    for picture in paper.pictures:
        assert picture.width == 576
        assert 0 < dark(picture) < picture.width * picture.height / 4
    first = paper.pictures[0]  # Arabic runs from the right: the name is there, the amount at the other edge
    assert dark(first.crop((476, 0, 576, first.height))) > 0
    assert dark(first.crop((0, 0, 100, first.height))) > 0
    assert dark(first.crop((200, 0, 400, first.height))) == 0


async def test_without_a_page_everything_is_a_picture(bare: Page) -> None:
    paper = await printed(bare, pair("Kaffee", "€4.20"), text("Danke"), code_page="")
    assert (paper.lines, len(paper.pictures)) == ([], 2)


async def test_the_drawer_opens_before_anything_is_printed(bare: Page) -> None:
    raw = bytes(await bare.evaluate(RUN, [[text("x")], {"width": 80, "page": "cp858", "cut": False}, {"kick": True}]))
    assert raw.startswith(b"\x1b@\x1bp\x00")
    paper = read(raw)
    assert (paper.kicks, paper.cuts) == (1, 0)


async def test_codes_on_paper_are_read_by_a_scanner(bare: Page) -> None:
    address = "https://shop.example/r/k3yJk3yJk3yJk3yJk3yJ_w"
    for width in (80, 58):
        paper = await printed(
            bare,
            {"kind": "code", "form": "qr", "text": address, "under": "This receipt on your phone"},
            {"kind": "code", "form": "barcode", "text": "T2-000017", "under": "T2-000017"},
            width=width,
        )
        tall = stacked(paper.pictures)
        assert sorted(one.text for one in zxingcpp.read_barcodes(tall)) == ["T2-000017", address]


@pytest.mark.parametrize("length", [1, 14, 15, 26, 27, 42, 43, 62, 63, 84, 85, 106])
async def test_qr_codes_of_every_size_are_read(bare: Page, length: int) -> None:
    words = ("https://shop.example/r/" + "aZ09_-é" * 20)[:length]
    while len(words.encode()) > length:
        words = words[:-1]
    modules = await bare.evaluate(CODE, [words, "qr"])
    [found] = zxingcpp.read_barcodes(picture_of(modules))
    assert found.text == words


async def test_what_is_too_long_or_cannot_be_said_has_no_code(bare: Page) -> None:
    assert await bare.evaluate(CODE, ["x" * 107, "qr"]) is None
    assert await bare.evaluate(CODE, ["ä", "barcode"]) is None
    paper = await printed(bare, {"kind": "code", "form": "qr", "text": "x" * 107, "under": ""})
    assert dark(paper.pictures[0]) > 0


def dark(picture: Image.Image) -> int:
    return sum(picture.histogram()[:128])


def stacked(pictures: list[Image.Image]) -> Image.Image:
    tall = Image.new("L", (pictures[0].width, sum(one.height for one in pictures) + 80), 255)
    top = 40
    for one in pictures:
        tall.paste(one, (0, top))
        top += one.height
    return tall


def picture_of(modules: list[list[bool]]) -> Image.Image:
    side = len(modules) + 8
    small = Image.new("L", (side, side), 255)
    for y, line in enumerate(modules):
        for x, is_dark in enumerate(line):
            if is_dark:
                small.putpixel((x + 4, y + 4), 0)
    return small.resize((side * 4, side * 4), Image.Resampling.NEAREST)
