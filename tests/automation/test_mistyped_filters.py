"""A file never has more than its address asks for: what its list can't be narrowed by is refused."""

from __future__ import annotations

import pytest
from starlette.requests import Request

from retail.automation.routes import AT
from retail.runtime.web.asked import Asked
from tests.support.web import Site, enrol, site
from tests.support.world import Shop

__all__ = ["site"]

PAGES = {
    "receipts": "/sales", "place-moves": "/stock/places", "stock-dead": "/stock/insights?view=dead",
    "stock-classes": "/stock/insights?view=classes", "stock-turnover": "/stock/insights?view=turnover",
}  # fmt: skip
"""Pages from which a list is taken out, where that isn't the address before its file's."""
ONLY_HERE = {"list-prices": "price_list", "held": "place", "counted": "count"}
UNKNOWN = "There is no filter"


@pytest.mark.parametrize("name", AT)
async def test_a_filter_that_the_list_does_not_have_is_refused(site: Site, shop: Shop, name: str) -> None:
    _person, _email, secret = await enrol(site.db, shop.tenant.id, "owner")
    owner, base = site.visitor(secret), f"/t/{shop.tenant.slug}"
    answer = await owner.get(f"{base}{AT[name]}?foo=1")
    assert answer.status_code in ({404, 422} if name in ONLY_HERE else {422})
    assert "content-disposition" not in answer.headers
    async with site.db.read(shop.scope) as read:
        assert not await read.fetchval("SELECT count(*) FROM audit_event WHERE action = 'data.exported'")


@pytest.mark.parametrize("name", AT)
async def test_every_filter_of_the_page_is_one_of_its_file(
    site: Site, shop: Shop, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Asked] = []

    def of(request: Request, path: str) -> Asked:
        read.append(Asked(path, request.query_params))
        return read[-1]

    monkeypatch.setattr(Asked, "of", of)
    _person, _email, secret = await enrol(site.db, shop.tenant.id, "owner")
    owner, base = site.visitor(secret), f"/t/{shop.tenant.slug}"
    await owner.get(base + PAGES.get(name, AT[name].removesuffix("/export")))
    for asked in {word for one in read for word in one.filters}:
        answer = await owner.get(f"{base}{AT[name]}?{asked}=1")
        assert UNKNOWN not in answer.text, asked
