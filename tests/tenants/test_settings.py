"""Settings: the table, changing them with history, as they were on a day, going back, and what sales fix for good."""

from __future__ import annotations

from datetime import timedelta

import pytest

from retail.kit.errors import Invalid, NotFound
from retail.live import switchboard
from retail.runtime.db import Database
from retail.runtime.realtime.channels import ANY_MEMBER
from retail.tenants.events import SettingsChanged
from retail.tenants.settings import OF_BUSINESS, OF_STORE, SETTINGS, options, read_value, setting
from retail.tenants.settings_changes import (
    ChangedMeanwhile,
    FixedBySales,
    as_of,
    change,
    follow_business,
    history,
    own_values,
    restore,
    values,
)
from tests.support.days import today
from tests.support.selling import open_counter
from tests.support.web import Site, enrol, site
from tests.support.world import Shop, open_shop

__all__ = ["site"]


def test_every_setting_has_a_sentence_and_a_default_that_it_accepts() -> None:
    assert len({one.key for one in SETTINGS}) == len(SETTINGS)
    for one in SETTINGS:
        assert one.sentence.endswith("."), one.key
        if not one.required or one.default != "":
            typed = ("true" if one.default else "") if one.kind == "flag" else str(one.default)
            assert read_value(one, typed) == one.default, one.key
        assert one.for_business or one.for_store


@pytest.mark.parametrize("key", [one.key for one in SETTINGS if one.kind == "whole"])
def test_a_number_stays_within_its_bounds(key: str) -> None:
    one = setting(key)
    assert read_value(one, str(one.least)) == one.least
    assert read_value(one, str(one.most)) == one.most
    for wrong in (str(one.least - 1), str(one.most + 1), "x", "1.5", "²", ""):
        with pytest.raises(Invalid) as refused:
            read_value(one, wrong)
        assert list(refused.value.errors) == [key]


@pytest.mark.parametrize("key", [one.key for one in SETTINGS if one.kind in {"text", "lines"}])
def test_a_text_has_its_most_and_no_control_characters(key: str) -> None:
    one = setting(key)
    assert read_value(one, "x" * one.most) == "x" * one.most
    for wrong in ("x" * (one.most + 1), "a\x00b", "a\x1bb"):
        with pytest.raises(Invalid):
            read_value(one, wrong)


@pytest.mark.parametrize("key", [one.key for one in SETTINGS if options(one) is not None])
def test_a_choice_takes_only_what_is_offered(key: str) -> None:
    with pytest.raises(Invalid):
        read_value(setting(key), "nonsense")


async def test_a_change_keeps_who_when_from_what_to_what(db: Database, shop: Shop) -> None:
    keys = await db.run(shop.scope, change, {"name": "Corner Two", "legal_name": "Corner Ltd", "idle_lock_minutes": 5})
    assert keys == ["name", "legal_name"]
    async with db.read(shop.scope) as read:
        now, told = await values(read), await history(read)
        assert (now["name"], now["legal_name"]) == ("Corner Two", "Corner Ltd")
        assert {(one.key, one.before, one.after, one.actor_name) for one in told} == {
            ("name", "Corner & Co", "Corner Two", "Olga Owner"),
            ("legal_name", "", "Corner Ltd", "Olga Owner"),
        }
        assert await read.fetchval("SELECT name FROM tenant WHERE id = $1", read.tenant) == "Corner Two"
        trail = await read.fetchval(
            "SELECT count(*) FROM audit_event WHERE tenant_id = $1 AND action = 'settings.changed'", read.tenant
        )
    assert trail == 1


async def test_saving_what_is_there_already_changes_nothing(db: Database, shop: Shop) -> None:
    assert await db.run(shop.scope, change, {"name": "Corner & Co"}) == []
    async with db.read(shop.scope) as read:
        assert await history(read) == []


async def test_two_who_change_the_same_setting_dont_overwrite_each_other(db: Database, shop: Shop) -> None:
    seen = {"name": "Corner & Co", "legal_name": ""}
    await db.run(shop.scope, change, {"name": "First"}, seen=seen)
    with pytest.raises(ChangedMeanwhile):
        await db.run(shop.scope, change, {"name": "Second"}, seen=seen)
    await db.run(shop.scope, change, {"legal_name": "Other field"}, seen=seen)
    async with db.read(shop.scope) as read:
        now = await values(read)
    assert (now["name"], now["legal_name"]) == ("First", "Other field")


async def test_settings_as_they_were_and_back_again(db: Database, shop: Shop) -> None:
    before = db.clock.now()
    await db.run(shop.scope, change, {"offline_hours": 24})
    between = db.clock.now()
    await db.run(shop.scope, change, {"offline_hours": 12})
    async with db.read(shop.scope) as read:
        assert (await as_of(read, before))["offline_hours"] == 72
        assert (await as_of(read, between))["offline_hours"] == 24
        assert (await as_of(read, db.clock.now() + timedelta(seconds=1)))["offline_hours"] == 12
        newest, oldest = await history(read, key="offline_hours")
    await db.run(shop.scope, restore, oldest.id)
    async with db.read(shop.scope) as read:
        assert (await values(read))["offline_hours"] == 72
        restored = (await history(read))[0]
    assert (restored.before, restored.after, restored.restored_from) == (12, 72, oldest.id)
    assert newest.restored_from is None


@pytest.mark.parametrize("code", ["INR", "MXN", "BRL", "HKD", "KRW"])
async def test_a_business_sells_in_the_money_of_where_it_is(db: Database, shop: Shop, code: str) -> None:
    await db.run(shop.scope, change, {"currency": code})
    async with db.read(shop.scope) as read:
        assert (await values(read))["currency"] == code


async def test_the_currency_is_fixed_by_the_first_sale(db: Database, shop: Shop) -> None:
    await db.run(shop.scope, change, {"currency": "CHF"})
    await db.run(shop.scope, change, {"currency": "EUR"})
    await (await open_counter(shop)).sell()
    for fixed in ({"currency": "CHF"}, {"prices_include_tax": False}):
        with pytest.raises(FixedBySales):
            await db.run(shop.scope, change, {"legal_name": "Never", **fixed})
    async with db.read(shop.scope) as read:
        now = await values(read)
        assert (now["currency"], now["prices_include_tax"], now["legal_name"]) == ("EUR", True, "")
        assert len(await history(read)) == 2


async def test_a_store_sets_some_things_for_itself_and_follows_again(db: Database, shop: Shop) -> None:
    await db.run(shop.scope, change, {"idle_lock_minutes": 10})
    async with db.read(shop.scope) as read:
        assert (await values(read, shop.store))["idle_lock_minutes"] == 10
    await db.run(shop.scope, change, {"idle_lock_minutes": 2, "tax_number": "DE 1"}, shop.store)
    async with db.read(shop.scope) as read:
        assert (await values(read, shop.store))["idle_lock_minutes"] == 2
        assert (await values(read, shop.second_store))["idle_lock_minutes"] == 10
        assert await own_values(read, shop.store) == {"idle_lock_minutes"}
    await db.run(shop.scope, follow_business, shop.store, "idle_lock_minutes")
    async with db.read(shop.scope) as read:
        assert (await values(read, shop.store))["idle_lock_minutes"] == 10
        assert [one.after for one in await history(read, shop.store, key="idle_lock_minutes")] == [10, 2]
        assert set(await values(read, shop.store)) == {one.key for one in OF_STORE}
        assert set(await values(read)) == {one.key for one in OF_BUSINESS}


async def test_another_business_sees_and_restores_nothing_of_it(db: Database, shop: Shop) -> None:
    await db.run(shop.scope, change, {"legal_name": "Ours"})
    other = await open_shop(db)
    async with db.read(shop.scope) as read:
        ours = (await history(read))[0]
    async with db.read(other.scope) as read:
        assert await history(read) == []
    with pytest.raises(NotFound):
        await db.run(other.scope, restore, ours.id)


async def test_the_page_saves_keeps_what_was_typed_and_shows_history(site: Site, shop: Shop) -> None:
    browser = await site.member(shop)
    page = f"/t/{shop.tenant.slug}/settings"
    shown = await browser.get(page)
    assert shown.status_code == 200
    assert all(f'id="setting-{one.key}"' in shown.text for one in OF_BUSINESS)
    refused = await browser.post(page, data={"name": "Kept", "idle_lock_minutes": "99", "locale": "en"})
    assert refused.status_code == 422
    assert "Kept" in refused.text
    assert "Type a number from 1 to 60." in refused.text
    saved = await browser.post(page, data={"name": "New name", "seen.name": "Corner & Co", "idle_lock_minutes": "7"})
    assert saved.status_code == 303
    late = await browser.post(page, data={"name": "Late", "seen.name": "Corner & Co"})
    assert late.status_code == 409
    told = await browser.get(f"{page}/history?on={today(shop)}")
    assert told.status_code == 200
    assert "New name" in told.text
    assert (await browser.get(f"{page}/history?on=nonsense")).status_code == 422


async def test_clerks_and_strangers_dont_reach_the_settings(site: Site, shop: Shop) -> None:
    _, _, clerk = await enrol(site.db, shop.tenant.id, "clerk")
    other = await open_shop(site.db)
    page = f"/t/{shop.tenant.slug}/settings"
    assert (await site.visitor(clerk).get(page)).status_code == 403
    assert (await (await site.member(other)).get(page)).status_code == 404


async def test_open_tills_are_told_of_each_change_in_its_own_transaction(db: Database, shop: Shop) -> None:
    told = "SELECT body ->> 'store' FROM outbox WHERE tenant_id = $1 AND name = 'settings.changed' ORDER BY created_at"

    async def all_told() -> list[str | None]:
        async with db.read(shop.scope) as read:
            return [row[0] for row in await read.fetch(told, read.tenant)]

    await db.run(shop.scope, change, {"negative_stock": "block"})
    await db.run(shop.scope, change, {"negative_stock": "block"})
    await db.run(shop.scope, change, {"negative_stock": "allow"}, shop.store)
    await db.run(shop.scope, follow_business, shop.store, "negative_stock")
    with pytest.raises(ChangedMeanwhile):
        await db.run(shop.scope, change, {"negative_stock": "allow"}, seen={"negative_stock": "flag"})
    assert await all_told() == [None, str(shop.store), str(shop.store)]
    (draft,) = switchboard().drafts(SettingsChanged(shop.store))
    assert (draft.topic, draft.type, draft.facts) == ("settings", "settings.changed", f'{{"store":"{shop.store}"}}')
    assert switchboard().permissions("settings") == {ANY_MEMBER}
