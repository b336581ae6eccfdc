"""Switches and settings: each acts on what it names, is bounded, has its history, and goes back to its default."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from retail.app import create_app
from retail.kit.errors import Invalid
from retail.kit.ids import new_id
from retail.life.founding import Plan, found
from retail.runtime import switches
from retail.runtime.audit_record import PLATFORM
from retail.runtime.db import Database
from retail.runtime.switches import ALL, IMPORTS, MAIL_DAYS, MESSAGE, SIGN_UP, TRIAL_DAYS, Remembered, SwitchedOff
from retail.runtime.tenancy import Scope
from retail.tenants.countries import usual_in
from tests.support.looks import an_operator
from tests.support.web import Site, enrol
from tests.support.world import Shop, open_shop

AT = "/platform/switches"


@pytest.fixture(autouse=True)
async def as_by_default(db: Database) -> AsyncIterator[None]:
    """Take back what a test has set: others found businesses and send mail in the same database."""
    switches.REMEMBERED.forget()
    yield
    async with db.platform() as unit:
        for one in await switches.stored(unit):
            await unit.execute(
                "SELECT auth_set_switch($1, $2, $3, NULL, $4, $1)", new_id(), one.key, one.reach, unit.now
            )
    switches.REMEMBERED.forget()


async def operator(site: Site) -> httpx.AsyncClient:
    return (await an_operator(site)).browser


async def put(browser: httpx.AsyncClient, key: str, value: str, **more: str) -> int:
    return (await browser.post(f"{AT}/{key}", data={"value": value} | more)).status_code


def test_a_value_is_read_and_bounded_by_its_kind() -> None:
    assert (SIGN_UP.parse("on"), SIGN_UP.parse("")) == (True, False)
    assert TRIAL_DAYS.parse("30") == 30
    assert MESSAGE.parse("  back   soon ") == "back soon"
    for wrong in ("", "0", "91", "3.5", "-1", "x", "٣", "9" * 40):
        with pytest.raises(Invalid):
            TRIAL_DAYS.parse(wrong)
    for wrong in ("x" * 301, "a\u202eb"):
        with pytest.raises(Invalid):
            MESSAGE.parse(wrong)


def test_the_nearest_value_that_fits_holds() -> None:
    stored = {("imports", ""): False, ("imports", "plan:pro"): True, ("imports", "business:1"): "nonsense"}
    assert switches.holds(stored, IMPORTS) is False
    assert switches.holds(stored, IMPORTS, "business:1", "plan:pro") is True
    assert switches.holds(stored, IMPORTS, "business:1", "plan:starter") is False
    assert switches.holds({("trial_days", ""): 5000}, TRIAL_DAYS) == 14
    assert switches.holds({("trial_days", ""): True}, TRIAL_DAYS) == 14


def test_every_default_is_one_that_could_be_set() -> None:
    assert [one.key for one in ALL.values() if not one.fits(one.default)] == []


async def test_the_pages_show_what_holds_and_refuse_what_does_not_fit(site: Site, shop: Shop) -> None:
    browser = await operator(site)
    listed = (await browser.get(AT)).text
    assert all(f"{AT}/{key}" in listed for key in ALL)
    for key in ALL:
        assert (await browser.get(f"{AT}/{key}")).status_code == 200
    assert await put(browser, "trial_days", "365") == 422
    assert await put(browser, "maintenance_message", "x" * 301) == 422
    assert await put(browser, "imports", "on", reach="plan:nonsense") == 422
    assert await put(browser, "imports", "on", business="nobody-at-all") == 422
    assert await put(browser, "nonsense", "on") == 404
    assert (await browser.get(f"{AT}/nonsense")).status_code == 404
    async with site.db.platform() as unit:
        assert await switches.stored(unit) == []
    _, _, owner = await enrol(site.db, shop.tenant.id, "owner")
    for path in (AT, f"{AT}/imports", f"{AT}/history"):
        assert (await site.visitor(owner).get(path)).status_code == 403


async def test_a_change_is_in_the_history_and_on_the_trail_and_goes_back(site: Site) -> None:
    browser = await operator(site)
    assert await put(browser, "trial_days", "30") == 303
    assert await put(browser, "trial_days", "30") == 303
    assert await put(browser, "trial_days", "45") == 303
    assert (await browser.post(f"{AT}/trial_days/removal", data={"reach": ""})).status_code == 303
    async with site.db.platform() as unit:
        told = (await switches.changes(unit, "trial_days", (None, None), 3))[::-1]
        assert await switches.value_in(unit, TRIAL_DAYS) == 14
    assert [(one.before, one.after) for one in told] == [(None, 30), (30, 45), (45, None)]
    async with site.db.read(Scope.system(PLATFORM)) as read:
        rows = await read.fetch(
            "SELECT facts FROM audit_event WHERE tenant_id = $1 AND action = 'switch.set' ORDER BY id DESC LIMIT 3",
            read.tenant,
        )
    facts = [json.loads(row["facts"]) for row in rows][::-1]
    assert [(one.get("before"), one.get("after")) for one in facts] == [(None, 30), (30, 45), (45, None)]
    page = (await browser.get(f"{AT}/history", params={"key": "trial_days"})).text
    assert "Otto Operator" in page
    assert "as by default" in page
    for wrong in ({"key": "nonsense"}, {"after": "nonsense"}):
        assert (await browser.get(f"{AT}/history", params=wrong)).status_code == 422


async def test_the_history_is_paged(site: Site) -> None:
    browser = await operator(site)
    for days in range(20, 75):
        assert await put(browser, "trial_days", str(days)) == 303
    first = (await browser.get(f"{AT}/history", params={"key": "trial_days"})).text
    after = first.split("after=")[1].split('"')[0].split("&")[0]
    second = (await browser.get(f"{AT}/history?key=trial_days&after={after}")).text
    assert first.count("Otto Operator") >= 50
    assert ">20<" in second


async def test_closed_sign_up_refuses_page_and_form(site: Site) -> None:
    browser, stranger = await operator(site), site.visitor()
    assert (await stranger.get("/sign-up")).status_code == 200
    assert await put(browser, "sign_up_open", "") == 303
    shut = await stranger.get("/sign-up")
    assert (shut.status_code, "Sign-up is closed" in shut.text) == (403, True)
    assert (await stranger.post("/sign-up", data={"name": "Flowers", "country": "DE"})).status_code == 403


async def test_a_trial_lasts_as_long_as_is_set(site: Site) -> None:
    browser = await operator(site)
    assert await put(browser, "trial_days", "30") == 303
    assert "Try everything for 30 days" in (await site.visitor().get("/sign-up")).text
    usual = usual_in("DE")
    slug = f"t{new_id().hex[-12:]}"
    plan = Plan(slug, "Flowers", "DE", usual.currency, usual.timezone, usual.prices_include_tax, usual.taxes)
    scope = Scope.system(new_id())
    async with site.db.begin(scope) as tx:
        await found(tx, plan)
        ends = await tx.fetchval("SELECT trial_ends_at FROM tenant WHERE id = $1", tx.tenant)
        assert ends - tx.now == timedelta(days=30)


async def test_a_message_stands_on_every_signed_in_page_as_text_and_goes(site: Site, shop: Shop) -> None:
    browser, owner = await operator(site), await site.member(shop, "owner")
    assert await put(browser, "maintenance_message", "Back at <8>") == 303
    for who, path in ((owner, f"/t/{shop.tenant.slug}/products"), (owner, "/account"), (browser, "/platform")):
        assert "Back at &lt;8&gt;" in (await who.get(path)).text, path
    assert "Back at" not in (await site.visitor().get("/sign-in")).text
    assert await put(browser, "maintenance_message", "") == 303
    assert "Back at" not in (await owner.get(f"/t/{shop.tenant.slug}/products")).text


async def test_imports_are_off_for_one_business_and_for_no_other(site: Site, shop: Shop) -> None:
    other, browser = await open_shop(site.db), await operator(site)
    assert await put(browser, "imports", "", business=shop.tenant.slug) == 303
    async with site.db.read(shop.scope) as read:
        with pytest.raises(SwitchedOff):
            await switches.require(read, IMPORTS)
    async with site.db.read(other.scope) as read:
        await switches.require(read, IMPORTS)
    owner = await site.member(shop, "owner")
    sent = await owner.post(
        f"/t/{shop.tenant.slug}/products/imports",
        data={"kind": "products"},
        files={"file": ("goods.csv", b"sku,name\nA-1,Apples\n", "text/csv")},
        headers={"Accept": "application/json"},
    )
    assert (sent.status_code, sent.json()["code"]) == (403, "switched_off")
    assert shop.tenant.name.split(" ", maxsplit=1)[0] in (await browser.get(f"{AT}/imports")).text
    assert await put(browser, "imports", "", reach="everybody") == 303
    assert await put(browser, "imports", "on", reach="plan:pro") == 303
    async with site.db.read(other.scope) as read:
        with pytest.raises(SwitchedOff):
            await switches.require(read, IMPORTS)
    async with site.db.begin(Scope.system(other.tenant.id)) as tx:
        await tx.execute("UPDATE tenant SET plan = 'pro' WHERE id = $1", tx.tenant)
        await switches.require(tx, IMPORTS)


async def test_another_process_knows_within_two_seconds(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    far, real, ahead = Remembered(), site.db.clock, timedelta(0)

    class Ahead:
        @staticmethod
        def now() -> object:
            return real.now() + ahead

    monkeypatch.setattr(site.db, "clock", Ahead())
    assert await far.value(site.db, MAIL_DAYS) == 90
    monkeypatch.setattr(site.db, "clock", real)
    assert await put(await operator(site), "mail_days", "30") == 303
    ahead = switches.KNOWN_FOR
    monkeypatch.setattr(site.db, "clock", Ahead())
    assert await far.value(site.db, MAIL_DAYS) == 30


def test_the_message_is_read_behind_the_door(tmp_path: Path) -> None:
    from retail.settings import Settings

    names = [one.cls.__name__ for one in create_app(Settings(environment="test", data_dir=tmp_path)).user_middleware]
    assert names.index("Doorkeeper") < names.index("Looking") < names.index("Maintenance")
