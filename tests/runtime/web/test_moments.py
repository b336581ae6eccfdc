"""How moments read: on the shop's own clock in its own habit, outside of a shop in UTC with the month by its name."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from jinja2 import DictLoader

from retail.runtime.web.pages import environment, to_html
from tests.support.web import Site, enrol_operator, site
from tests.support.world import Shop

__all__ = ["site"]

AT = datetime(2026, 3, 4, 23, 30, tzinfo=UTC)


async def test_moments_read_by_the_shops_clock_and_in_utc_outside_of_one(
    shop: Shop, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    loader = DictLoader({"moment.html": "{{ when(at) }}|{{ when(at, 'date') }}|{{ when(at, 'time') }}|{{ when(day) }}"})
    monkeypatch.setattr(environment(), "loader", loader)
    assets = site.app.state.process.assets
    said = {
        name: to_html("moment.html", assets=assets, tenant=owner, at=AT, day=date(2026, 3, 4))
        for name, owner in (("shop", shop.tenant), ("platform", None))
    }
    assert said["platform"] == "4 Mar 2026, 23:30 UTC|4 Mar 2026|23:30 UTC|4 Mar 2026"
    assert said["shop"].replace("\u202f", " ").startswith("5 Mar 2026, 00:30|")


async def test_the_operators_page_names_the_month(site: Site) -> None:
    _person, _email, secret = await enrol_operator(site.db)
    page = await site.visitor(secret).get("/platform/businesses")
    assert page.status_code == 200
    assert re.search(r"As of \d{1,2} [A-Z][a-z]+ \d{4}, \d\d:\d\d UTC", page.text)
    assert not re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d", page.text)


async def test_an_end_at_midnight_reads_as_the_last_day_that_counts(
    shop: Shop, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment(), "loader", DictLoader({"end.html": "{{ until(at) }}"}))

    def said(at: datetime, zone: str) -> str:
        tenant = replace(shop.tenant, timezone=zone)
        return to_html("end.html", assets=site.app.state.process.assets, tenant=tenant, at=at).replace("\u202f", " ")

    midnight = datetime(2026, 12, 31, 23, tzinfo=UTC)
    assert said(midnight, "Europe/Berlin") == "31 Dec 2026"
    assert said(midnight, "UTC") == "31 Dec 2026, 23:00"
    # clocks went from midnight to one that night in Beirut, so the day began at one
    assert said(datetime(2026, 3, 28, 22, tzinfo=UTC), "Asia/Beirut") == "28 Mar 2026"
