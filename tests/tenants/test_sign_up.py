"""Signing up a business: a link by mail, nothing before it is used, the same answer for everybody, fourteen days."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from retail.console.routes import SITE
from retail.identity.operations import open_account
from retail.identity.rules import digest
from retail.kit.ids import new_id
from retail.life.founding import RESERVED, free_slug, slug_from, slug_is_free_to_take
from retail.life.sign_up import LIVES, SignUpSpent, asked_with
from retail.runtime.db import Database
from retail.runtime.tenancy import Scope
from retail.tenants.countries import COUNTRIES
from retail.tenants.queries import tenant_by_slug
from retail.tenants.rules import slug_is_valid
from tests.support.web import PASSWORD, PASSWORD_HASH, Site, site

__all__ = ["site"]


def form(**changed: Any) -> dict[str, Any]:
    mark = new_id().hex[-10:]
    return {
        "name": f"Bakery {mark}", "slug": f"bakery-{mark}", "country": "DE", "currency": "EUR",
        "timezone": "Europe/Berlin", "prices_include_tax": "true", "tax": ["S", "R"], "owner": "Berta Baker",
        "email": f"berta-{mark}@bakery.example", "password": PASSWORD,
    } | changed  # fmt: skip


async def link_to(db: Database, email: str) -> str:
    """Give the secret in the newest mail to an address."""
    async with db.platform() as unit:
        for row in await unit.fetch("SELECT id, recipient FROM auth_mails(NULL, 200)"):
            if row["recipient"] == email:
                letter = await unit.fetchrow("SELECT secret FROM auth_mail($1)", row["id"])
                assert letter is not None
                found = re.search(r"token=([\w-]+)", letter["secret"])
                assert found is not None
                return found[1]
    raise AssertionError("no mail")


def test_names_become_addresses() -> None:
    assert slug_from("Bäckerei Müller & Söhne") == "baeckerei-mueller-soehne"
    assert slug_from("Café Łódź") == "cafe-lodz"
    assert slug_from("東京") == "shop"
    assert slug_from("x") == "shop-x"
    assert all(slug_is_valid(slug_from(name)) for name in ("A", "--", "a" * 90, "1 2 3", "ÄÖÜ"))
    assert not any(slug_is_free_to_take(word) for word in RESERVED)
    beside = {door.path.rpartition("/")[2] for door in SITE if door.path.count("/") == 3 and "businesses/" in door.path}
    assert beside - {"{slug}"} <= RESERVED, "the operator's page of a business lies at its address"


def test_every_country_proposes_what_can_be_used() -> None:
    assert len(COUNTRIES) >= 12
    for one in COUNTRIES.values():
        assert one.taxes[0].code == "S", one.code
        assert len({tax.code for tax in one.taxes}) == len(one.taxes)
        assert one.cash_unit_minor >= 1
    assert {tax.name: tax.rate_micros for tax in COUNTRIES["DE"].taxes} == {
        "Standard 19 %": 190_000, "Reduced 7 %": 70_000, "Zero 0 %": 0,
    }  # fmt: skip
    assert [tax.rate_micros for tax in COUNTRIES["CH"].taxes] == [81_000, 26_000, 38_000, 0]


async def test_a_business_is_there_once_its_owner_has_answered_the_mail(site: Site) -> None:
    browser, typed = site.visitor(), form()
    started = await browser.get("/sign-up", params={"name": typed["name"], "country": "DE"})
    assert started.status_code == 200
    assert typed["slug"] in started.text
    sent = await browser.post("/sign-up", data=typed)
    assert sent.status_code == 202, sent.text
    async with site.db.platform() as unit:
        assert await tenant_by_slug(unit, typed["slug"]) is None
        assert await unit.fetchval("SELECT id FROM auth_person($1)", typed["email"]) is None
    secret = await link_to(site.db, typed["email"])
    looked = await browser.get(f"/sign-up/confirmation?token={secret}")
    assert looked.status_code == 200
    assert looked.headers["referrer-policy"] == "no-referrer"
    wrong = await browser.post("/sign-up/confirmation", data={"token": secret, "slug": typed["slug"], "password": "no"})
    assert wrong.status_code == 422
    done = await browser.post(
        "/sign-up/confirmation", data={"token": secret, "slug": typed["slug"], "password": PASSWORD}
    )
    assert (done.status_code, done.headers["location"]) == (303, f"/t/{typed['slug']}/first-steps")
    first = await browser.get(f"/t/{typed['slug']}/first-steps")
    assert first.status_code == 200
    assert "to do" in first.text
    async with site.db.platform() as unit:
        facts = await tenant_by_slug(unit, typed["slug"])
    assert facts is not None
    async with site.db.read(Scope.system(facts.id)) as read:
        row = await read.fetchrow(
            "SELECT status, trial_ends_at - created_at AS trial FROM tenant WHERE id = $1", facts.id
        )
        assert dict(row or {}) == {"status": "trial", "trial": timedelta(days=14)}
        counts = {
            table: await read.fetchval(f"SELECT count(*) FROM {table} WHERE tenant_id = $1", facts.id)
            for table in ("store", "till", "tax_class", "membership")
        }
        assert counts == {"store": 1, "till": 1, "tax_class": 2, "membership": 1}
        assert await read.fetchval("SELECT count(*) FROM account WHERE tenant_id = $1", facts.id) > 5
    again = await browser.post("/sign-up/confirmation", data={"token": secret, "slug": "another", "password": PASSWORD})
    assert again.status_code == 404


async def test_whoever_has_an_account_gets_the_same_answer_and_keeps_it(site: Site) -> None:
    browser, known, unknown = site.visitor(), form(), form()
    async with site.db.platform() as unit:
        await open_account(unit, known["email"], "Known Name", PASSWORD_HASH, at=unit.now)
    answers = [await browser.post("/sign-up", data=typed) for typed in (known, unknown)]
    texts = [answer.text.replace(typed["email"], "") for answer, typed in zip(answers, (known, unknown), strict=True)]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert texts[0] == texts[1]
    secret = await link_to(site.db, known["email"])
    done = await browser.post("/sign-up/confirmation", data={"token": secret, "slug": known["slug"]})
    assert done.headers["location"] == f"/sign-in?next=/t/{known['slug']}/first-steps"
    assert "s" not in done.cookies
    async with site.db.platform() as unit:
        row = await unit.fetchrow("SELECT * FROM auth_person($1)", known["email"])
    assert row is not None
    assert (row["name"], row["password_hash"]) == ("Known Name", PASSWORD_HASH)


@pytest.mark.parametrize("has_account", [False, True])
async def test_the_trail_of_a_new_business_knows_its_owner_as_the_account_does(site: Site, has_account: bool) -> None:
    browser, typed = site.visitor(), form()
    async with site.db.platform() as unit:
        if has_account:
            await open_account(unit, typed["email"], "Known Name", PASSWORD_HASH, at=unit.now)
    await browser.post("/sign-up", data=typed)
    secret = await link_to(site.db, typed["email"])
    data = {"token": secret, "slug": typed["slug"], "password": PASSWORD}
    assert (await browser.post("/sign-up/confirmation", data=data)).status_code == 303
    async with site.db.platform() as unit:
        person = await unit.fetchval("SELECT id FROM auth_person($1)", typed["email"])
        facts = await tenant_by_slug(unit, typed["slug"])
    assert facts is not None
    async with site.db.read(Scope.system(facts.id)) as read:
        told = await read.fetch("SELECT action, actor_id FROM audit_event WHERE tenant_id = $1", facts.id)
    assert {row["action"] for row in told} >= {
        "tenant.signed_up", "tenant.opened", "store.opened", "till.set_up", "tax_class.added", "ledger.books_opened",
        "member.added",
    }  # fmt: skip
    assert {row["actor_id"] for row in told} == {person}


async def test_a_link_is_stored_as_a_hash_and_dies_after_a_day(site: Site) -> None:
    browser, typed = site.visitor(), form()
    await browser.post("/sign-up", data=typed)
    secret = await link_to(site.db, typed["email"])
    async with site.db.platform() as unit:
        assert (await asked_with(unit, secret)).plan.slug == typed["slug"]
        late = unit.now + LIVES
        assert await unit.fetchrow("SELECT * FROM auth_sign_up($1, $2)", digest(secret), late) is None
        with pytest.raises(SignUpSpent):
            await asked_with(unit, secret[:-1])


async def test_a_form_with_mistakes_comes_back_and_sends_nothing(site: Site) -> None:
    browser = site.visitor()
    for wrong, field in (
        ({"slug": "admin"}, "slug"), ({"slug": "a_b"}, "slug"), ({"password": "short"}, "password"),
        ({"timezone": "Mars/Base"}, "timezone"), ({"currency": "XXX"}, "currency"),
    ):  # fmt: skip
        answer = await browser.post("/sign-up", data=(typed := form(**wrong)), headers={"X-Test": field})
        if answer.status_code == 429:
            break
        assert answer.status_code == 422, wrong
        assert f'name="{field}"' in answer.text
        assert PASSWORD not in answer.text
        with pytest.raises(AssertionError, match="no mail"):
            await link_to(site.db, typed["email"])


async def test_a_network_signs_up_five_times_an_hour(site: Site) -> None:
    browser = site.visitor()
    answers = [await browser.post("/sign-up", data=form()) for _ in range(6)]
    assert [answer.status_code for answer in answers[:-1]].count(429) < 6
    assert answers[-1].status_code == 429


async def test_an_address_that_is_taken_is_told_and_another_one_proposed(site: Site) -> None:
    first = form()
    async with site.db.platform() as unit:
        assert await free_slug(unit, first["slug"]) == first["slug"]
    browser = site.visitor()
    await browser.post("/sign-up", data=first)
    second = form(slug=first["slug"])
    await browser.post("/sign-up", data=second)
    for typed, expected in ((first, 303), (second, 422)):
        secret = await link_to(site.db, typed["email"])
        data = {"token": secret, "slug": first["slug"], "password": PASSWORD}
        assert (await browser.post("/sign-up/confirmation", data=data)).status_code == expected
    async with site.db.platform() as unit:
        assert await free_slug(unit, first["slug"]) == f"{first['slug']}-2"
