"""Whatever comes in is read as a sale, or refused with a sentence per member; nothing else is ever raised."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retail.kit.errors import Invalid
from retail.sales.reading import body_hash, parse_json, read_return, read_sale

ID = "0199a000-0000-7000-8000-000000000001"
ABSURD = [
    0, -1, 1, 2**31, 2**53, 2**63, -(2**63), 10**15, 10**15 + 1, 10**400, 1.5, -0.0, "1e400", "NaN", "", "x",
    None, True, [], {}, "\0", "\ud800", "9" * 5000,
]  # fmt: skip


def sale(**changes: Any) -> dict[str, Any]:
    return {
        "id": ID,
        "till": ID,
        "shift": ID,
        "number": 1,
        "occurred_at": "2026-11-20T12:31:07Z",
        "lines": [{"id": ID, "product": ID, "quantity": "3", "unit_price": 135, "discount": 0}],
        "tenders": [{"type": "cash", "amount": 405, "change": 0}],
        "total": 405,
    } | changes


def wrong(document: Any) -> list[str]:
    with pytest.raises(Invalid) as refused:
        read_sale(document)
    return sorted(refused.value.errors)


def test_a_sale_is_read_exactly() -> None:
    read = read_sale(parse_json(json.dumps(sale())))
    (line,) = read.lines
    assert (read.number, read.total, line.quantity_milli, line.unit_price) == (1, 405, 3000, 135)
    assert read.occurred_at.isoformat() == "2026-11-20T12:31:07+00:00"
    assert len(read.body_hash) == 32


@pytest.mark.parametrize("text", [b"", b"{", b"\xff", b"[" * 100_000, b'{"a": NaN}', b'{"a": Infinity}', b"1" * 5000])
def test_what_is_not_json_is_refused(text: bytes) -> None:
    with pytest.raises(Invalid):
        read_sale(parse_json(text))


@pytest.mark.parametrize("document", [None, [], "x", 1, {}])
def test_what_is_no_object_is_refused(document: Any) -> None:
    assert wrong(document)


def test_every_member_that_is_wrong_is_named() -> None:
    bad = sale(id="x", till=None, number=0, occurred_at="yesterday", total=1.5, shift=5)
    bad["lines"] = [{"quantity": "1", "unit_price": 1}, {"product": ID, "quantity": "1.2345", "unit_price": -1}]
    bad["tenders"] = [{"type": "CASH", "amount": None, "change": -1}]
    assert wrong(bad) == [
        "id", "lines.0.product", "lines.1.quantity", "lines.1.unit_price", "number", "occurred_at", "shift",
        "tenders.0.amount", "tenders.0.change", "tenders.0.type", "till", "total",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "at",
    ["2026-11-20T12:31:07", "0001-01-01T23:59:59Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", 5],
)
def test_a_time_needs_an_offset_and_a_sane_year(at: Any) -> None:
    assert wrong(sale(occurred_at=at)) == ["occurred_at"]


@pytest.mark.parametrize(
    ("member", "value"), [("quantity", "0"), ("quantity", "-0.001"), ("quantity", "x"), ("discount", -1)]
)
def test_goods_come_back_with_returns_and_not_with_lines_below_zero(member: str, value: Any) -> None:
    line = {"name": "x", "quantity": "1", "unit_price": 1}
    with pytest.raises(Invalid) as refused:
        read_sale(sale(lines=[line, line | {member: value}]))
    assert {name: len(of) for name, of in refused.value.errors.items()} == {f"lines.1.{member}": 1}


def test_an_id_of_zeros_is_no_id() -> None:
    assert wrong(sale(id="00000000-0000-0000-0000-000000000000")) == ["id"]


@pytest.mark.parametrize("value", ABSURD, ids=lambda value: repr(value)[:20])
@pytest.mark.parametrize(
    "member", ["id", "till", "shift", "number", "occurred_at", "customer", "total", "cash_rounding"]
)
def test_absurd_members_are_read_or_refused(member: str, value: Any) -> None:
    _read_or_refused(sale(**{member: value}))


@pytest.mark.parametrize("value", ABSURD, ids=lambda value: repr(value)[:20])
@pytest.mark.parametrize("member", ["id", "product", "name", "quantity", "unit_price", "discount", "tax_code"])
def test_absurd_members_of_lines_are_read_or_refused(member: str, value: Any) -> None:
    _read_or_refused(sale(lines=[{"name": "x", "quantity": "1", "unit_price": 1, member: value}]))


@pytest.mark.parametrize("value", ABSURD, ids=lambda value: repr(value)[:20])
@pytest.mark.parametrize("member", ["type", "amount", "change", "reference"])
def test_absurd_members_of_tenders_are_read_or_refused(member: str, value: Any) -> None:
    _read_or_refused(sale(tenders=[{"type": "cash", "amount": 1, member: value}]))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(["id", ID]),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(sorted(sale())), inner, max_size=8),
        max_leaves=20,
    )
)
@settings(max_examples=150, deadline=None)
def test_any_json_is_read_or_refused(document: Any) -> None:
    for read in (read_sale, read_return):
        try:
            read(parse_json(json.dumps(document)))
        except Invalid:
            continue


def test_many_lines_are_refused_before_they_cost_anything() -> None:
    assert wrong(sale(lines=[{}] * 1001)) == ["lines"]
    assert wrong(sale(tenders=[{}] * 21)) == ["tenders"]


def test_text_that_no_database_holds_is_replaced() -> None:
    read = read_sale(sale(lines=[{"name": "a\0b\ud800", "quantity": "1", "unit_price": 1}]))
    assert read.lines[0].name == "a\ufffdb\ufffd"


def test_pieces_of_one_line_are_added_up_in_a_return() -> None:
    back = read_return(
        {"id": ID, "till": ID, "lines": [{"line": ID, "quantity": "1"}, {"line": ID, "quantity": "0.5"}]}
    )
    assert list(back.quantities.values()) == [1500]
    assert back.tenders == ()


def _read_or_refused(document: dict[str, Any]) -> None:
    try:
        text = json.dumps(document)
    except ValueError:
        return  # a whole number so long that Python itself won't write it
    try:
        read = read_sale(parse_json(text))
    except Invalid:
        return
    assert abs(read.total) <= 10**15
    assert read.body_hash == body_hash(parse_json(text))
    assert all("\0" not in line.name and line.name.isprintable() for line in read.lines)


def test_a_line_whose_id_was_used_before_keeps_its_labels() -> None:
    line = {"id": ID, "product": ID, "quantity": "1", "unit_price": 135, "lot": "L-7"}
    one, two = read_sale(sale(lines=[line, {**line, "lot": "L-8", "serials": ["A1"]}])).lines
    assert one.id != two.id
    assert (one.named.lot, two.named.lot, two.named.serials) == ("L-7", "L-8", ("A1",))
