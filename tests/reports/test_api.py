"""The API of reports: what is kept, a file asked for, made and fetched, by whoever asked for it alone."""

from __future__ import annotations

import csv
import io

from retail.kit.ids import new_id
from tests.support.web import Site
from tests.support.working import work_off
from tests.support.world import Shop, open_shop


async def test_a_kept_report_is_made_and_fetched(traded: Shop, site: Site) -> None:
    owner, at = await site.member(traded), f"/t/{traded.tenant.slug}"
    key = str(new_id())
    draft = {"key": key, "name": "Week", "base": "figures", "query": "span=last_7&side=day&m=sales"}
    assert (await owner.post(f"{at}/reports", data=draft)).status_code == 303
    listed = (await owner.get(f"{at}/api/v1/reports?q=wee")).json()
    assert [(one["id"], one["name"], one["base"]) for one in listed["items"]] == [(key, "Week", "figures")]
    assert listed["next"] is None
    asked = await owner.post(f"{at}/api/v1/reports/runs", json={"report": key, "form": "csv"})
    assert (asked.status_code, asked.json()["state"]) == (202, "running")
    run = asked.json()["id"]
    assert (await owner.get(f"{at}/api/v1/reports/runs/{run}/file")).status_code == 404
    await work_off(traded.db, traded.tenant.id)
    told = (await owner.get(f"{at}/api/v1/reports/runs/{run}")).json()
    assert (told["state"], told["rows"]) == ("finished", 3)
    rows = list(csv.reader(io.StringIO((await owner.get(f"{at}/api/v1/reports/runs/{run}/file")).text)))
    assert [row[1] for row in rows[1:]] == ["2", "2", "2", "6"]
    manager = await site.member(traded, "manager")
    assert (await manager.get(f"{at}/api/v1/reports/runs/{run}/file")).status_code == 404
    stranger, other = await site.member(await open_shop(traded.db)), await open_shop(traded.db)
    assert (await stranger.get(f"{at}/api/v1/reports/runs/{run}")).status_code == 404
    assert other.tenant.id != traded.tenant.id


async def test_a_report_that_somebody_may_not_see_is_not_made(traded: Shop, site: Site) -> None:
    viewer, at = await site.holder(traded, "view_dashboard", "export"), f"/t/{traded.tenant.slug}/api/v1/reports"
    bases = {one["base"] for one in (await viewer.get(f"{at}/bases")).json()["items"]}
    assert bases == {"figures", "daily", "categories", "products", "cashiers"}
    for base in ("audit", "stock-value", "tax"):
        assert (await viewer.post(f"{at}/runs", json={"base": base})).status_code == 403
    wrong = await viewer.post(f"{at}/runs", json={"base": "daily", "query": "span=never"})
    assert (wrong.status_code, list(wrong.json()["errors"])) == (422, ["span"])
    assert (await viewer.post(f"{at}/runs", json={"base": "luck"})).status_code == 404
    assert (await viewer.post(f"{at}/runs", json={"base": "daily", "form": "exe"})).status_code == 422
