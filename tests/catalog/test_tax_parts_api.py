"""Programs enter taxes made of parts: with the class, later, from a day on; what can't be is said at its field."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.web import Site
from tests.support.world import Shop

HALVES = [{"name": "CGST", "rate_micros": 90_000}, {"name": "SGST", "rate_micros": 90_000}]
LARGER = [{"name": "CGST", "rate_micros": 100_000}, {"name": "SGST", "rate_micros": 100_000}]
SOON = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
PAST = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()


def told(parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"compound": False} | part for part in parts]


async def test_a_class_is_made_of_parts_and_its_rate_is_theirs(site: Site, shop: Shop) -> None:
    owner, api = await site.member(shop), f"/t/{shop.tenant.slug}/api/v1/tax-classes"
    made = await owner.post(api, json={"code": "G18", "name": "GST", "parts": HALVES})
    assert made.status_code == 201, made.text
    body = made.json()
    assert (body["rate_micros"], body["parts"], body["planned"]) == (180_000, told(HALVES), [])
    compound = [{"name": "GST", "rate_micros": 50_000}, {"name": "QST", "rate_micros": 99_750, "compound": True}]
    one = await owner.patch(f"{api}/{body['id']}", json={"parts": compound, "version": body["version"]})
    assert (one.status_code, one.json()["rate_micros"]) == (200, 154_738)
    assert one.json()["parts"][1]["compound"] is True
    late = await owner.patch(f"{api}/{body['id']}", json={"parts": HALVES, "version": body["version"]})
    assert late.status_code == 409, "parts are part of the version"
    whole = await owner.patch(f"{api}/{body['id']}", json={"parts": [], "rate_micros": 120_000})
    assert (whole.json()["rate_micros"], whole.json()["parts"]) == (120_000, [])
    listed = next(one for one in (await owner.get(api)).json()["items"] if one["id"] == body["id"])
    assert listed == whole.json()


async def test_parts_and_rates_are_planned_and_taken_back(site: Site, shop: Shop) -> None:
    owner, api = await site.member(shop), f"/t/{shop.tenant.slug}/api/v1/tax-classes"
    sent = {"code": "G", "name": "GST", "rate_micros": 180_000, "parts": LARGER, "from_date": SOON}
    made = (await owner.post(api, json=sent)).json()
    assert (made["rate_micros"], made["parts"]) == (180_000, [])
    (planned,) = made["planned"]
    assert (planned["from_date"], planned["rate_micros"], planned["parts"]) == (SOON, 200_000, told(LARGER))
    again = await owner.patch(f"{api}/{made['id']}", json={"parts": HALVES, "from_date": SOON, "name": "GST 18"})
    (planned,) = again.json()["planned"]
    assert (again.json()["name"], planned["rate_micros"]) == ("GST 18", 180_000)
    assert again.json()["version"] != made["version"]
    other = await owner.delete(f"{api}/{shop.reduced}/planned/{planned['id']}")
    assert other.status_code == 404
    assert (await owner.delete(f"{api}/{made['id']}/planned/{planned['id']}")).status_code == 204
    plain = await owner.patch(f"{api}/{made['id']}", json={"rate_micros": 190_000, "from_date": SOON})
    assert [one["rate_micros"] for one in plain.json()["planned"]] == [190_000]
    assert plain.json()["rate_micros"] == 180_000


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"parts": [HALVES[0], HALVES[0]]}, "parts"),
        ({"parts": [HALVES[0] | {"compound": True}]}, "parts"),
        ({"parts": [HALVES[0] | {"rate_micros": 600_000}, LARGER[1] | {"rate_micros": 600_000}]}, "parts"),
        ({"parts": HALVES, "rate_micros": 170_000}, "rate_micros"),
        ({"parts": [{"name": "", "rate_micros": 1}]}, "parts.0.name"),
        ({"parts": [{"name": "A", "rate_micros": "1"}]}, "parts.0.rate_micros"),
        ({"parts": HALVES, "from_date": PAST}, "from_date"),
        ({"rate_micros": 190_000, "from_date": SOON}, "rate_micros"),
        ({"rate_micros": 190_000}, "rate_micros"),
        ({"from_date": SOON}, "from_date"),
        ({"from_date": SOON, "parts": []}, "parts"),
    ],
)
async def test_what_cannot_be_is_refused_at_its_field(
    site: Site, shop: Shop, change: dict[str, Any], field: str
) -> None:
    owner, api = await site.member(shop), f"/t/{shop.tenant.slug}/api/v1/tax-classes"
    made = (await owner.post(api, json={"code": "G", "name": "GST", "parts": HALVES})).json()
    refused = await owner.patch(f"{api}/{made['id']}", json={"name": "Other"} | change)
    assert (refused.status_code, list(refused.json()["errors"])) == (422, [field]), refused.text
    assert made in (await owner.get(api)).json()["items"], "nothing was changed"


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({}, "rate_micros"),
        ({"parts": HALVES, "from_date": SOON}, "rate_micros"),
        ({"rate_micros": 1, "from_date": SOON}, "parts"),
        ({"rate_micros": 1, "parts": HALVES, "from_date": PAST}, "from_date"),
    ],
)
async def test_a_new_class_that_cannot_be_is_not_made(site: Site, shop: Shop, sent: dict[str, Any], field: str) -> None:
    owner, api = await site.member(shop), f"/t/{shop.tenant.slug}/api/v1/tax-classes"
    refused = await owner.post(api, json={"code": "G", "name": "GST"} | sent)
    assert (refused.status_code, list(refused.json()["errors"])) == (422, [field]), refused.text
    assert "G" not in {one["code"] for one in (await owner.get(api)).json()["items"]}
