"""A barcode scanned where somebody should say how many is refused, at every door, with a sentence at the field."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from retail.kit.ids import new_id
from retail.kit.quantity import NotAQuantity, ScannedForQuantity, TooMany, on_a_line
from retail.stock.counts.operations import NewArea, NewCount, start
from tests.support.shelves import drafted, follow_by, lines_of, stocked
from tests.support.stockroom import D, count, on_hand
from tests.support.web import Site, site
from tests.support.world import Shop

__all__ = ["site"]

SCAN = "012345678905"
SAID = "That looks like a barcode: type how many."


def home(shop: Shop) -> str:
    return f"/t/{shop.tenant.slug}"


def test_a_line_takes_a_million_and_no_scan() -> None:
    assert [on_a_line(one) for one in ("1000000", "-1000000", "0.762")] == [D(10**6), D(-(10**6)), D("0.762")]
    scans = (
        SCAN,
        "12345678",
        "04060017800884",
        "0104060017800884",
        "]d2010406001780088417271231",
        "(01)04060017800884",
    )
    for scan in scans:
        with pytest.raises(ScannedForQuantity):
            on_a_line(scan)
    for more in ("1000000.001", "1234567", "-12345678901", "12345678.5"):
        with pytest.raises(TooMany):
            on_a_line(more)
    for wrong in ("1e3", "", "1.2345", "two"):
        with pytest.raises(NotAQuantity, match="at most three decimals"):
            on_a_line(wrong)


async def test_no_form_of_stock_takes_a_barcode_for_a_quantity(shop: Shop, site: Site) -> None:
    await stocked(shop, "5")
    await follow_by(shop, "lot", 2)
    transfer = await drafted(shop, (0, "1", ""))
    [held] = await lines_of(shop, transfer)
    owner = await site.member(shop)
    ware, store = shop.products[0], str(shop.store)
    goods = {"store": store, "code": ware.sku, "quantity": SCAN}
    counting = new_id()
    area = new_id()
    await shop.db.run(shop.scope, start, NewCount(counting, shop.store, "Friday", [NewArea(area, "Floor", True)]))
    until = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
    doors: list[tuple[str, dict[str, str]]] = [
        *(("moves", goods | {"kind": kind, "reason": "x"}) for kind in ("receipt", "adjustment", "waste", "count")),
        ("moves", goods | {"kind": "transfer", "to_store": str(shop.second_store)}),
        ("waste", goods | {"reason": str(new_id())}),
        ("lots", {"lot_store": store, "code": shop.products[2].sku, "quantity": SCAN, "lot": "L1"}),
        ("reservations", goods | {"until": until}),
        (f"transfers/{transfer}/lines", {"code": ware.sku, "quantity": SCAN}),
        (f"transfers/{transfer}/quantities", {f"quantity-{held.line.id}": SCAN}),
        (f"counts/{counting}/entries", {"area": str(area), "code": ware.sku, "quantity": SCAN, "mode": "set"}),
        (f"{ware.id}/rules", {"store": "", "target": SCAN}),
    ]
    for door, form in doors:
        page = await owner.post(f"{home(shop)}/stock/{door}", data={"id": str(new_id())} | form)
        assert (page.status_code, SAID in page.text) == (422, True), (door, page.status_code)
    assert await on_hand(shop) == D(5)
    assert await count(shop, "lot") == await count(shop, "reservation") == await count(shop, "stock_count_entry") == 0


async def test_no_program_sends_a_barcode_for_a_quantity(shop: Shop, site: Site) -> None:
    await stocked(shop, "5")
    await follow_by(shop, "lot", 2)
    owner = await site.member(shop)
    api = f"{home(shop)}/api/v1/stock"
    line = {"product": str(shop.products[0].id), "quantity": SCAN}
    goods: dict[str, Any] = {"store": str(shop.store), **line}
    later = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    doors: list[tuple[str, dict[str, Any]]] = [
        ("moves", goods | {"kind": "receipt"}),
        ("moves", goods | {"kind": "receipt", "quantity": 12345678905}),
        ("lots", goods | {"product": str(shop.products[2].id), "lot": "L1"}),
        ("reservations", goods | {"expires_at": later}),
        ("transfers", {"from_store": str(shop.store), "to_store": str(shop.second_store), "lines": [line]}),
    ]
    for door, body in doors:
        answer = await owner.post(f"{api}/{door}", json=body)
        assert (answer.status_code, SAID in answer.text) == (422, True), (door, answer.text)
    more = await owner.post(f"{api}/moves", json=goods | {"kind": "receipt", "quantity": "1000001"})
    assert (more.status_code, "more than any shelf holds" in more.text) == (422, True)
    assert (await on_hand(shop), await count(shop, "transfer")) == (D(5), 0)


async def test_a_draft_says_at_its_line_that_there_is_less(shop: Shop, site: Site) -> None:
    await stocked(shop, "5")
    transfer = await drafted(shop, (0, "7", ""))
    owner = await site.member(shop)
    page = await owner.get(f"{home(shop)}/stock/transfers/{transfer}")
    assert "Only 5 on hand and not reserved. Send fewer, or count the shelf." in page.text
    [held] = await lines_of(shop, transfer)
    fewer = {f"quantity-{held.line.id}": "5"}
    await owner.post(f"{home(shop)}/stock/transfers/{transfer}/quantities", data=fewer)
    page = await owner.get(f"{home(shop)}/stock/transfers/{transfer}")
    assert "Only 5 on hand" not in page.text


async def test_a_bad_quantity_of_a_count_gets_one_sentence(shop: Shop, site: Site) -> None:
    await stocked(shop, "5")
    counting, area = new_id(), new_id()
    await shop.db.run(shop.scope, start, NewCount(counting, shop.store, "Friday", [NewArea(area, "Floor", True)]))
    owner = await site.member(shop)
    entry = {
        "area": str(area),
        "code": shop.products[0].sku,
        "mode": "add",
        "quantity": "a lot more than twenty letters",
    }
    page = await owner.post(f"{home(shop)}/stock/counts/{counting}/entries", data=entry)
    assert (page.status_code, "Use at most" in page.text) == (422, False)
    assert page.text.count("Type a quantity with at most three decimals") <= 2  # at the field, and in the summary
