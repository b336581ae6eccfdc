"""Labels: every code that is printed is read back from the paper by an independent reader; what stands where."""

from __future__ import annotations

import io
import random
import string
from collections.abc import Sequence
from functools import partial

import pypdfium2
import pytest
import zxingcpp
from fontTools.ttLib import TTFont
from PIL import Image

from retail.catalog.labels.composing import STYLES, Dark, LabelText, Line, Style, TooNarrow, compose
from retail.catalog.labels.fitting import fit
from retail.catalog.labels.formats import FORMATS, Format, format_of
from retail.catalog.labels.paper import print_labels
from retail.catalog.labels.preview import picture
from retail.catalog.labels.symbols import KINDS, Kind, symbol
from retail.catalog.labels.typeface import REGULAR, lacks, runs_right_to_left, width_of
from retail.kit.barcode import normalise

TEXTS = [
    LabelText("Sourdough loaf 800 g", "4000000000013", "SKU-001", "€4.20", "1 kg = €5.25"),
    LabelText(
        "Organic wholegrain sourdough bread from the stone oven with pumpkin seeds 800 g",
        *("96385074", "SKU-GR260001", "€1,004.20", "1 kg = €1,255.25"),
    ),
    LabelText(
        "خبز العجين المخمر بالحبوب الكاملة 800 g", "04006381333931", "SKU-003", "\u200f4.20 د.إ.\u200f", "1 kg = €5.25"
    ),
    LabelText("לחם מחמצת", "SKU-GR260001", "SKU-GR260001", "₪14.20"),
    LabelText("Cola 330 ml", "4006381333931", "SKU-004", "€1.10", "1 l = €3.33", "+ deposit €0.25"),
    LabelText("Bananas", "036000291452", "SKU-006", "€1.99 / kg"),
]
DOTS = 300  # per inch: what an ordinary office printer does


def pages(pdf: bytes, dots: float = DOTS) -> list[Image.Image]:
    return [page.render(scale=dots / 72).to_pil() for page in pypdfium2.PdfDocument(pdf)]


def read(image: Image.Image) -> list[str]:
    return [found.text for found in zxingcpp.read_barcodes(image)]


def plain(text: str) -> str:
    """Bring what a reader says of a symbol to the form that codes are found by."""
    return normalise(text.removeprefix("(01)"))


@pytest.mark.parametrize("style", ["price", "code"])
@pytest.mark.parametrize("paper", FORMATS, ids=lambda paper: paper.key)
def test_every_code_of_every_kind_on_every_paper_is_read_back(paper: Format, style: Style) -> None:
    made: list[tuple[str, Sequence[Line | Dark]]] = []
    for kind in KINDS:
        for text in TEXTS:
            try:
                made.append((f"{kind} {normalise(text.code)}", compose(text, paper, style, kind)))
            except TooNarrow:
                assert kind == "code128", "any other code has room on any paper"
                assert symbol(text.code, kind).modules * 0.19 > paper.width - 2 * paper.pad, "there would be room"
    drawn = pages(print_labels([marks for _code, marks in made], paper, 0, "Labels"))
    squares = {"QRCode": "qr", "DataMatrix": "datamatrix"}
    for place, (said, _marks) in enumerate(made):
        box = paper.box(place % paper.per_page)
        edges = (box.x, box.y, box.x + box.width, box.y + box.height)
        label = drawn[place // paper.per_page].crop([round(edge / 25.4 * DOTS) for edge in edges])
        [one] = zxingcpp.read_barcodes(label)
        assert f"{squares.get(one.format.name, 'auto')} {plain(one.text)}" == said.replace("code128 ", "auto ")


@pytest.mark.parametrize(
    ("code", "kind", "format"),
    [
        ("4006381333931", "auto", "EAN13"),
        ("96385074", "auto", "EAN8"),
        ("036000291452", "auto", "EAN13"),
        ("04006381333931", "auto", "Code128"),
        ("SKU-GR260001", "auto", "Code128"),
        ("4006381333931", "code128", "Code128"),
        ("4006381333931", "qr", "QRCode"),
        ("4006381333931", "datamatrix", "DataMatrix"),
        ("MÜSLI-7", "auto", "QRCode"),
    ],
)
def test_a_code_gets_the_symbol_of_its_kind(code: str, kind: Kind, format: str) -> None:
    marks = compose(LabelText("Name", code, "SKU", "€1.00"), format_of("a4-2x4"), "code", kind)
    [found] = zxingcpp.read_barcodes(pages(print_labels([marks], format_of("a4-2x4"), 0, ""))[0])
    assert found.format.name == format
    if kind == "datamatrix":
        assert (found.symbology_identifier, found.text) == ("]d2", f"(01)0{code}")
    if len(code) == 14:
        assert (found.symbology_identifier, found.text) == ("]C1", f"(01){code}")


def test_codes_of_all_kinds_of_characters_are_read_back() -> None:
    chance, paper = random.Random(128), format_of("a4-2x4")
    signs = string.ascii_letters + string.digits * 5 + "-./$%+ #!&()*,:;<=>?@[]^_{|}~"
    codes = ["".join(chance.choices(signs, k=chance.randint(1, 20))).strip() or "x" for _ in range(48)]
    codes += ["Ä-17", "خبز", "żółw", "a" * 30]
    for kind in ("code128", "qr", "datamatrix"):
        wanted = [code for code in codes if kind != "code128" or (code.isascii() and len(code) < 22)]
        marks = [compose(LabelText("Name", code, "SKU", "€1.00"), paper, "code", kind) for code in wanted]
        found = [text for image in pages(print_labels(marks, paper, 0, "")) for text in read(image)]
        assert set(wanted) - set(found) == set(), kind


@pytest.mark.parametrize("key", ["roll-58", "roll-58-low", "roll-80"])
def test_bars_on_a_roll_are_whole_dots_of_its_printer_and_are_read_from_them(key: str) -> None:
    paper = format_of(key)
    for text in TEXTS:
        marks = compose(text, paper, "code", "auto")
        widths = {round(mark.width / 0.125, 6) for mark in marks if isinstance(mark, Dark)}
        assert all(width == round(width) for width in widths)
        printed = pages(print_labels([marks], paper, 0, ""), 203.2)[0].convert("1")
        assert [plain(one) for one in read(printed)] == [normalise(text.code)]


def test_a_sheet_is_begun_where_it_was_left_off() -> None:
    paper = format_of("a4-3x8")
    marks = [compose(text, paper, "price", "auto") for text in TEXTS]
    drawn = pages(print_labels(marks, paper, 22, ""))
    assert len(drawn) == 2
    first, second = drawn
    assert {plain(text) for text in read(first)} == {normalise(text.code) for text in TEXTS[:2]}
    assert {plain(text) for text in read(second)} == {normalise(text.code) for text in TEXTS[2:]}
    unprinted = first.convert("L").crop((0, 0, first.width, int(paper.box(21).y / 25.4 * DOTS)))
    assert unprinted.getextrema() == (255, 255)


@pytest.mark.parametrize("paper", FORMATS, ids=lambda paper: paper.key)
def test_labels_lie_on_their_page_and_do_not_overlap(paper: Format) -> None:
    boxes = [paper.box(place) for place in range(paper.per_page)]
    for place, box in enumerate(boxes):
        assert box.x >= -0.01
        assert box.x + box.width <= paper.page_width + 0.01
        assert box.y + box.height <= paper.page_height + 0.01
        for other in boxes[place + 1 :]:
            assert other.x >= box.x + box.width - 0.01 or other.y >= box.y + box.height - 0.01 or other.x < box.x


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("paper", FORMATS, ids=lambda paper: paper.key)
def test_nothing_is_printed_outside_of_its_label_and_no_texts_overlap(paper: Format, style: Style) -> None:
    for text in TEXTS:
        marks = compose(text, paper, style, "auto")
        for mark in marks:
            if isinstance(mark, Dark):
                assert mark.x >= paper.pad - 0.01
                assert mark.x + mark.width <= paper.width - paper.pad + 0.01
                assert mark.y + mark.height <= paper.height - paper.pad + 0.01
            else:
                assert width_of(mark.text, mark.points, bold=mark.bold) <= mark.width + 0.05, mark
                assert 0 < mark.baseline <= paper.height - paper.pad + 0.01
        lines = [mark for mark in marks if isinstance(mark, Line)]
        for place, one in enumerate(lines):
            for other in lines[place + 1 :]:
                assert not overlap(one, other), (one, other)


def overlap(one: Line, other: Line) -> bool:
    """Claim that the letters of two lines touch: from their baseline as high as capitals are."""
    lefts, rights, tops = [], [], []
    for line in (one, other):
        wide = width_of(line.text, line.points, bold=line.bold)
        left = {"L": line.x, "C": line.x + (line.width - wide) / 2, "R": line.x + line.width - wide}[line.align]
        lefts.append(left + 0.1)
        rights.append(left + wide - 0.1)
        tops.append(line.baseline - line.points * 0.3528 * 0.73)
    beside = rights[0] <= lefts[1] or rights[1] <= lefts[0]
    return not beside and one.baseline > tops[1] and other.baseline > tops[0]


@pytest.mark.parametrize("key", ["roll-58", "roll-58-low", "a4-2x4"])
def test_goods_with_a_square_code_have_a_larger_code_and_a_smaller_price_than_a_shelf(key: str) -> None:
    sizes = {}
    for style in ("price", "code"):
        marks = compose(TEXTS[0], format_of(key), style, "qr")
        dark = [mark for mark in marks if isinstance(mark, Dark)]
        [price] = [mark for mark in marks if isinstance(mark, Line) and mark.text == TEXTS[0].price]
        sizes[style] = (max(one.x + one.width for one in dark) - min(one.x for one in dark), price.points)
    # the low roll is as high as either code
    assert sizes["code"][0] >= sizes["price"][0] if key == "roll-58-low" else sizes["code"][0] > sizes["price"][0]
    assert sizes["code"][1] < sizes["price"][1] / 1.5


def test_the_price_of_a_large_label_is_the_largest_thing_on_it() -> None:
    marks = compose(TEXTS[0], format_of("a4-2x4"), "large", "auto")
    sizes = {mark.text: mark.points for mark in marks if isinstance(mark, Line)}
    assert sizes["€4.20"] > 5 * max(size for said, size in sizes.items() if said != "€4.20")
    assert {"1 kg = €5.25", "SKU-001", "Sourdough loaf 800 g"} < set(sizes)
    assert not [mark for mark in marks if isinstance(mark, Dark)]


@pytest.mark.parametrize(
    ("text", "width", "lines", "expected", "points", "cut"),
    [
        ("Milk", 30, 2, ("Milk",), 11, False),
        ("Sourdough loaf 800 g", 30, 2, ("Sourdough loaf", "800 g"), 11, False),
        ("Sourdough loaf 800 g", 30, 1, ("Sourdough loaf 800 g",), 8, False),
        ("Organic wholegrain bread from the oven 800 g", 30, 1, ("Organic … 800 g",), 8, True),
        ("Organic wholegrain bread from the oven", 30, 1, ("Organic wholegrain…",), 8, True),
        ("Donaudampfschifffahrtsgesellschaft", 30, 1, ("Donaudampfschifffah…",), 8, True),
        ("Cola 6 x 330 ml in a box that has a long name", 30, 1, ("Cola 6 x 330 ml in a…",), 8, True),
    ],
)
def test_a_name_is_set_smaller_and_then_cut_between_words_with_its_measure_kept(
    text: str, width: float, lines: int, expected: tuple[str, ...], points: float, *, cut: bool
) -> None:
    found = fit(text, width, lines, (11, 10, 9, 8), width_of)
    assert (found.lines, found.points, found.cut) == (expected, points, cut)


def test_names_from_right_to_left_stand_at_the_right_and_keep_their_measure_together() -> None:
    [name, second, *_rest] = compose(TEXTS[2], format_of("a4-3x8"), "price", "auto")
    assert isinstance(name, Line)
    assert isinstance(second, Line)
    assert (name.align, second.align) == ("R", "R")
    assert second.text.endswith("\u200e800 g")
    assert runs_right_to_left("12 خبز")
    assert not runs_right_to_left("12 Brot خبز")


def test_letters_are_joined_as_arabic_writes_them() -> None:
    apart = sum(width_of(letter, 10) for letter in "خبز")
    assert width_of("خبز", 10) < apart * 0.9


def test_signs_that_the_typeface_lacks_are_named() -> None:
    assert lacks("Brot, хлеб, ψωμί, خبز, לחם, ₹ € \u2013 …\u200e") == ""
    assert set(lacks("रोटी Brot")) == set("रोटी")


def test_the_typeface_is_embedded_and_texts_can_be_searched() -> None:
    paper = format_of("a4-3x8")
    pdf = print_labels([compose(TEXTS[0], paper, "price", "auto")], paper, 0, "Labels")
    text = pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_range()
    assert "Sourdough loaf 800 g" in text
    assert "1 kg = €5.25" in text
    assert len(TTFont(io.BytesIO(REGULAR.read_bytes())).getGlyphOrder()) > 5000


def test_the_preview_shows_the_same_as_the_paper() -> None:
    paper = format_of("a4-3x8")
    marks = compose(LabelText("Salt & <pepper>", "4000000000013", "S", "€4.20"), paper, "price", "auto")
    drawn = picture(marks, paper)
    assert drawn.count("<rect") == 1 + sum(isinstance(mark, Dark) for mark in marks)
    assert "Salt &amp; &lt;pepper&gt;" in drawn
    assert 'viewBox="0 0 70 37"' in drawn


def test_measuring_is_the_same_for_bold_and_plain_of_their_own() -> None:
    bold = partial(width_of, bold=True)
    assert bold("Milk", 10) > width_of("Milk", 10)
    assert width_of("Milk", 20) == pytest.approx(2 * width_of("Milk", 10))
