from __future__ import annotations

from datetime import UTC, datetime

import pytest

from retail.imports.invoices import Documents
from retail.imports.trade import Judge, TradeRow
from retail.kit.guard import guarded, unguarded
from retail.kit.money import currency

AT = "2011-06-01 08:26:00"


def judge(*cells: str) -> TradeRow | str:
    return Judge(currency("GBP"), "Europe/London").judge(cells)


def test_a_row_is_read_in_the_shops_own_time() -> None:
    assert judge("536365", "85123a", " WHITE  HOLDER ", "6", AT, "2.55", "17850") == TradeRow(
        "536365", "85123A", "WHITE HOLDER", 6, 255, datetime(2011, 6, 1, 7, 26, tzinfo=UTC), "17850", False
    )
    winter = judge("536365", "85123A", "HOLDER", "6", "12/1/2010 8:26", "2.55", "")
    assert isinstance(winter, TradeRow)
    assert winter.at == datetime(2010, 12, 1, 8, 26, tzinfo=UTC)


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        (("A563185", "B", "Adjust bad debt", "1", AT, "11062.06", ""), "adjustment"),
        (("536544", "B", "Adjust bad debt", "1", AT, "-11062.06", ""), "adjustment"),
        (("C540117", "AMAZONFEE", "AMAZON FEE", "-1", AT, "16888.02", ""), "fee"),
        (("536414", "22139", "", "56", AT, "0.0", ""), "description"),
        (("536414", "22139", "RETRO TIN", "0", AT, "4.25", ""), "zero_quantity"),
        (("537032", "21275", "damaged", "-30", AT, "0", ""), "written_off"),
        (("537197", "22841", "ROUND CAKE TIN", "1", AT, "0.0", "12647"), "no_price"),
        (("537197", "22841", "ROUND CAKE TIN", "1", AT, "-1.5", "12647"), "negative_price"),
        (("550193", "PADS", "PADS", "1", AT, "0.001", ""), "too_fine"),
        (("537197", "22841", "TIN", "-1", AT, "1.5", "12647"), "sign"),
        (("C37197", "22841", "TIN", "1", AT, "1.5", "12647"), "sign"),
        (("", "22841", "TIN", "1", AT, "1.5", "12647"), "invoice"),
        (("537197", "", "TIN", "1", AT, "1.5", "12647"), "code"),
        (("537197", "22841", "TIN", "one", AT, "1.5", "12647"), "number"),
        (("537197", "22841", "TIN", "1", AT, "NaN", "12647"), "number"),
        (("537197", "22841", "TIN", "1", AT, "Infinity", "12647"), "number"),
        (("537197", "22841", "TIN", "1", AT, "1e1", "12647"), "number"),
        (("537197", "22841", "TIN", "1", AT, "\u0663", "12647"), "number"),
        (("537197", "22841", "TIN", "\u0663", AT, "1.5", "12647"), "number"),
        (("537197", "22841", "TIN", "1_0", AT, "1.5", "12647"), "number"),
        (("537197", "22841", "TIN", "1", "yesterday", "1.5", "12647"), "date"),
    ],
)
def test_what_is_no_sale_is_refused_for_its_own_reason(cells: tuple[str, ...], reason: str) -> None:
    assert judge(*cells) == reason


def rows(*given: tuple[str, str, int, str]) -> list[tuple[int, TradeRow]]:
    made = []
    for at, (invoice, code, quantity, price) in enumerate(given, start=1):
        found = judge(invoice, code, "THING", str(quantity), f"2011-06-01 {8 + at:02d}:00:00", price, "1")
        assert isinstance(found, TradeRow)
        made.append((at, found))
    return made


def test_a_cancellation_belongs_to_the_latest_purchases_at_its_price() -> None:
    given = rows(("1", "A1", 6, "2.00"), ("2", "A1", 4, "2.00"), ("3", "A1", 9, "1.00"), ("C4", "A1", -7, "2.00"))
    made = [one for _, one in Documents({("1", "A1")}).of(given)]
    assert [(one.reference, one.original, sum(one.back.values())) for one in made] == [
        ("1", None, 0),
        ("2", None, 0),
        ("3", None, 0),
        ("C4", made[1].id, 4),
        ("C4", made[0].id, 3),
    ]


def test_what_finds_no_purchase_comes_back_without_a_receipt() -> None:
    made = [one for _, one in Documents({("1", "A1")}).of(rows(("1", "A1", 2, "2.00"), ("C2", "A1", -5, "2.00")))]
    assert [(one.original is None, [line.quantity for line in one.rows]) for one in made] == [
        (True, [2]),
        (False, []),
        (True, [-3]),
    ]


def test_the_same_file_gives_the_same_documents() -> None:
    given = rows(("1", "A1", 2, "2.00"), ("C2", "A1", -1, "2.00"))
    first, again = ([one.id for _, one in Documents({("1", "A1")}).of(given)] for _ in range(2))
    assert first == again
    assert len(set(first)) == 2
    assert {id.version for id in first} == {7}


@pytest.mark.parametrize("text", ["=HYPERLINK(1)", "+cmd|", "-1+2", "@SUM(A1)", "\tx", "\rx"])
def test_no_written_text_runs_in_a_spreadsheet(text: str) -> None:
    assert guarded(text) == f"'{text}"
    assert unguarded(guarded(text)) == text


def test_plain_text_is_written_as_it_is() -> None:
    assert [guarded(text) for text in ("", "Café", "'quoted'", "a=b")] == ["", "Café", "'quoted'", "a=b"]
