"""A person's data taken out, and a person erased: no canary is left anywhere, and the books and chains stand."""

from __future__ import annotations

import io
import json
import zipfile
from uuid import UUID

import pytest

from retail.audit.exports import export_chain
from retail.identity.errors import LastOwner
from retail.identity.operations import NewMember, add_member, end_membership
from retail.privacy.consents import agrees, note_consent
from retail.privacy.erasure import AlreadyErased, NotYourself, erase_customer, erase_member
from retail.privacy.exports import ask_for_data
from retail.privacy.register import PLACES
from retail.runtime.tenancy import Actor, Scope
from tests.privacy.conftest import Seeded
from tests.support.buyers import a_customer
from tests.support.selling import Counter
from tests.support.web import PASSWORD_HASH, Site, enrol
from tests.support.world import open_shop


async def exported(seeded: Seeded, export: UUID) -> zipfile.ZipFile:
    archive = await seeded.admin.fetchval("SELECT archive FROM data_export WHERE id = $1", export)
    return zipfile.ZipFile(io.BytesIO(archive))


async def test_an_export_has_every_canary_of_every_place(seeded: Seeded) -> None:
    export = await seeded.db.run(seeded.shop.scope, ask_for_data, "person", str(seeded.person))
    await seeded.work()
    with await exported(seeded, export) as archive:
        told = {name: archive.read(name).decode() for name in archive.namelist()}
    for place in PLACES:
        text = told[f"json/{place.table}.json"]
        if place.how != "null":
            rows = json.loads(text)
            values = [json.dumps(row[place.column], ensure_ascii=False) for row in rows]
            assert any(seeded.name in v or seeded.email in v for v in values), place
        assert f"csv/{place.table}.csv" in told
    assert all(any(canary in text for text in told.values()) for canary in seeded.canaries)
    assert json.loads(told["contents.json"])["rows"]["membership"] == 1
    secret = await seeded.admin.fetchval("SELECT encode(token_hash, 'hex') FROM api_token LIMIT 1")
    assert not any("password_hash" in text or secret in text for text in told.values())


async def test_ones_own_export_has_the_account_and_is_nobody_elses(seeded: Seeded, site: Site) -> None:
    browser = site.visitor(seeded.secret)
    assert (await browser.get("/account/data")).status_code == 200
    assert (await browser.post("/account/data")).status_code == 303
    await seeded.work()
    export = await seeded.admin.fetchval("SELECT id FROM data_export WHERE subject = $1", str(seeded.person))
    answer = await browser.get(f"/account/data/{export}")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        names = {name.removeprefix("json/").removesuffix(".json") for name in archive.namelist()}
    assert {"person", "session", "sign_in_event", "mail", "membership", "sale"} <= names
    _other, _email, secret = await enrol(site.db, seeded.shop.tenant.id, "owner")
    assert (await site.visitor(secret).get(f"/account/data/{export}")).status_code == 404


async def test_after_an_erasure_no_canary_is_left_and_everything_still_adds_up(seeded: Seeded) -> None:
    assert (await seeded.seal()).ok
    before = await books(seeded)
    assert len(await seeded.found(*seeded.canaries)) > len({place.table for place in PLACES})
    await seeded.db.run(seeded.shop.scope, erase_member, seeded.member)
    await seeded.work()
    assert await seeded.found(*seeded.canaries) == {}
    assert await books(seeded) == before
    verified = await seeded.seal()
    assert verified.problems == []
    async with seeded.db.read(Scope.system(seeded.shop.tenant.id)) as read:
        chain = "".join([line async for line in export_chain(read)])
    assert [canary for canary in seeded.canaries if canary in chain] == []
    row = await seeded.admin.fetchrow("SELECT * FROM erasure WHERE tenant_id = $1", seeded.shop.tenant.id)
    assert row["finished_at"] is not None
    assert row["with_account"] is True
    assert row["row_count"] > len(PLACES)
    cashiers = await seeded.admin.fetch(
        "SELECT cashier_id, cashier_name FROM sale WHERE tenant_id = $1", seeded.shop.tenant.id
    )
    assert {(one["cashier_id"], one["cashier_name"]) for one in cashiers} == {(seeded.person, row["pseudonym"])}


async def books(seeded: Seeded) -> list[tuple[object, ...]]:
    rows = await seeded.admin.fetch(
        """SELECT 'sale', count(*), sum(total_minor) FROM sale WHERE tenant_id = $1
           UNION ALL SELECT 'stock', count(*), sum(quantity) FROM stock_move WHERE tenant_id = $1
           UNION ALL SELECT 'cash', count(*), sum(amount_minor) FROM cash_move WHERE tenant_id = $1
           UNION ALL SELECT 'entries', count(*), sum(amount_minor) FROM journal_line WHERE tenant_id = $1
           UNION ALL SELECT 'shifts', count(*), sum(opening_float_minor) FROM shift WHERE tenant_id = $1""",
        seeded.shop.tenant.id,
    )
    return [tuple(row) for row in rows]


async def test_an_erasure_that_broke_off_goes_on(seeded: Seeded, monkeypatch: pytest.MonkeyPatch) -> None:
    from retail.privacy import erasing as erasure

    real, calls = erasure._rewrite, 0

    async def breaks(*args: object) -> int:
        nonlocal calls
        calls += 1
        if calls == 40:
            raise RuntimeError("the worker is gone")
        return await real(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(erasure, "_rewrite", breaks)
    await seeded.db.run(seeded.shop.scope, erase_member, seeded.member)
    await seeded.work()
    monkeypatch.setattr(erasure, "_rewrite", real)
    assert await seeded.found(seeded.email) != {}
    await seeded.admin.execute("UPDATE job SET run_after = now() - interval '1 minute' WHERE finished_at IS NULL")
    await seeded.work()
    assert await seeded.found(*seeded.canaries) == {}


async def test_who_works_elsewhere_keeps_the_account(seeded: Seeded) -> None:
    other = await open_shop(seeded.db)
    new = NewMember(seeded.email, seeded.name, "viewer", PASSWORD_HASH)
    there = await seeded.db.run(Scope.system(other.tenant.id), add_member, new)
    await seeded.db.run(seeded.shop.scope, erase_member, seeded.member)
    await seeded.work()
    own = await seeded.admin.fetchrow("SELECT name, email, disabled_at FROM person WHERE id = $1", seeded.person)
    assert tuple(own) == (seeded.name, seeded.email, None)
    for table in ("sale", "stock_move", "membership", "invitation", "audit_event"):
        text = await seeded.admin.fetchval(
            f"SELECT string_agg(t::text, '') FROM {table} t WHERE tenant_id = $1", seeded.shop.tenant.id
        )
        assert seeded.name not in text, table
        assert seeded.email not in text, table
    await seeded.db.run(other.scope, erase_member, there.id)
    seeded.shop = other
    await seeded.work()
    assert await seeded.found(seeded.name, seeded.email) == {}


async def test_nobody_erases_themselves_the_last_owner_or_twice(seeded: Seeded) -> None:
    shop = seeded.shop
    owner = await seeded.db.run(
        Scope.system(shop.tenant.id), add_member, NewMember("o@x.example", "Only Owner", "owner", "x")
    )
    itself = Scope(shop.tenant.id, Actor("person", owner.person_id, "Only Owner"), shop.scope.permissions, "owner")
    with pytest.raises(NotYourself):
        await seeded.db.run(itself, erase_member, owner.id)
    with pytest.raises(LastOwner):
        await seeded.db.run(shop.scope, erase_member, owner.id)
    assert await seeded.admin.fetchval("SELECT count(*) FROM erasure WHERE tenant_id = $1", shop.tenant.id) == 0
    await seeded.db.run(shop.scope, erase_member, seeded.member)
    with pytest.raises(AlreadyErased):
        await seeded.db.run(shop.scope, erase_member, seeded.member)
    await seeded.work()


async def test_a_name_changed_beside_its_blind_or_without_an_erasure_is_found(seeded: Seeded) -> None:
    tenant = seeded.shop.tenant.id
    assert (await seeded.seal()).ok
    for changed in (
        "actor_name = 'Somebody Else'",
        "actor_name = 'Somebody Else', blind = NULL, ip = ''",
        "blind = decode(repeat('00', 16), 'hex')",
        "ip = '192.0.2.1'",
    ):
        undo = seeded.admin.transaction()
        await undo.start()
        tag = await seeded.admin.execute(
            f"UPDATE audit_event SET {changed} WHERE tenant_id = $1 AND actor_id = $2", tenant, seeded.person
        )
        assert tag != "UPDATE 0"
        await undo.rollback()
        await seeded.admin.execute("CREATE TEMP TABLE IF NOT EXISTS kept AS SELECT * FROM audit_event WHERE false")
        await seeded.admin.execute("TRUNCATE kept")
        await seeded.admin.execute("INSERT INTO kept SELECT * FROM audit_event WHERE actor_id = $1", seeded.person)
        await seeded.admin.execute(f"UPDATE audit_event SET {changed} WHERE actor_id = $1", seeded.person)
        async with seeded.db.read(Scope.system(tenant)) as read:
            from retail.audit.verification import verify_chain

            assert not (await verify_chain(read, seeded.outside)).ok, changed
        await seeded.admin.execute(
            """UPDATE audit_event e SET actor_name = k.actor_name, ip = k.ip, blind = k.blind
                 FROM kept k WHERE k.tenant_id = e.tenant_id AND k.id = e.id"""
        )
    assert (await seeded.seal()).ok


async def test_the_application_can_rewrite_no_other_column_and_no_other_business(seeded: Seeded) -> None:
    import asyncpg

    other = await open_shop(seeded.db)
    for table, column in (("sale", "engine"), ("journal_entry", "kind"), ("audit_event", "action"), ("till", "name")):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with seeded.db.begin(Scope.system(seeded.shop.tenant.id)) as tx:
                await tx.execute("SELECT auth_rewrite($1, $2, 'named', '', NULL, ARRAY['x'], 'y', 10)", table, column)
    async with seeded.db.begin(Scope.system(other.tenant.id)) as tx:
        for place in PLACES:
            if place.how == "by_id":
                done = await tx.fetchval(
                    "SELECT auth_rewrite($1, $2, 'by_id', $3, $4, NULL, 'y', 10)",
                    place.table, place.column, place.finder, seeded.person,
                )  # fmt: skip
                assert done == 0, place


async def test_a_customer_is_exported_and_erased_by_their_reference(seeded: Seeded) -> None:
    shop, reference = seeded.shop, f"KD-{seeded.member.hex[:10]}"
    shift = await seeded.admin.fetchval("SELECT id FROM shift WHERE tenant_id = $1 LIMIT 1", shop.tenant.id)
    counter = Counter(shop, shop.till, shift)
    counter.next = 77
    await counter.send(counter.sale(shop.products[1], customer=reference))
    await seeded.db.run(shop.scope, note_consent, "customer", reference, "newsletter", "At the counter", given=True)
    export = await seeded.db.run(shop.scope, ask_for_data, "customer", reference)
    await seeded.work()
    with await exported(seeded, export) as archive:
        rows = json.loads(archive.read("contents.json"))["rows"]
        assert reference in archive.read("json/sale.json").decode()
    assert rows == {"consent": 1, "sale": 1, "sale_line": 1, "tender": 1}
    await seeded.db.run(shop.scope, erase_customer, reference)
    await seeded.work()
    assert await seeded.found(reference) == {}
    assert (await seeded.seal()).ok


async def test_a_customer_on_file_loses_all_that_names_them_and_keeps_their_sales(seeded: Seeded, site: Site) -> None:
    shop, name, mail = seeded.shop, "Wilhelmine Knoepfle", "wilhelmine@knoepfle.example"
    card, phone = "20429876543", "+49 171 9876543"
    owner = await site.member(shop)
    api = f"/t/{shop.tenant.slug}/api/v1/customers"
    facts = {"name": name, "email": mail, "phone": phone, "member_card": card, "note": "left-handed Knoepfle"}
    made = await owner.post(api, json=facts, headers={"Idempotency-Key": "anna"})
    id = made.json()["id"]
    twin = (await owner.post(api, json={"name": f"{name} II", "phone": phone})).json()["id"]
    assert (await owner.post(f"{api}/{twin}/merge", json={"into": id})).status_code == 200
    shift = await seeded.admin.fetchval("SELECT id FROM shift WHERE tenant_id = $1 LIMIT 1", shop.tenant.id)
    counter = Counter(shop, shop.till, shift)
    counter.next = 77
    sales = [(await counter.send(counter.sale(customer=who)))[0].id for who in (id, twin, card)]
    await seeded.db.run(shop.scope, note_consent, "customer", id, "newsletter", "At the counter", given=True)
    export = await seeded.db.run(shop.scope, ask_for_data, "customer", id)
    await seeded.work()
    with await exported(seeded, export) as archive:
        rows = json.loads(archive.read("contents.json"))["rows"]
        assert mail in archive.read("json/customer.json").decode()
    assert rows == {"consent": 1, "customer": 2, "sale": 3, "sale_line": 3, "tender": 3}
    await seeded.db.run(shop.scope, erase_customer, card)
    await seeded.work()
    for word in (name, mail, card, "9876543"):
        assert await seeded.found(word) == {}, word
    linked = await seeded.admin.fetch("SELECT customer_id FROM sale WHERE id = ANY ($1)", sales)
    assert {str(row["customer_id"]) for row in linked} == {id, twin}
    page = await owner.get(f"/t/{shop.tenant.slug}/customers/{id}")
    assert ("data was erased" in page.text, "erased-" in page.text) == (True, True)
    refused = await owner.patch(f"{api}/{id}", json={"name": name})
    assert (refused.status_code, refused.json()["code"]) == (409, "customer_erased")
    with pytest.raises(AlreadyErased):
        await seeded.db.run(shop.scope, erase_customer, id)
    assert (await seeded.seal()).ok


async def test_the_page_of_a_customers_data_notes_gathers_and_erases(seeded: Seeded, site: Site) -> None:
    owner, shop = await site.member(seeded.shop), seeded.shop
    id = await a_customer(shop, "Ottilie Brezelmann")
    at = f"/t/{shop.tenant.slug}/customers/{id}"
    said = {"purpose": "newsletter", "source": "A form", "word": "given"}
    clerk = await site.member(shop, "clerk")
    assert (await clerk.post(f"{at}/consents", data=said)).status_code == 403
    assert (await clerk.post(f"{at}/erasure", data={"name": "Ottilie Brezelmann"})).status_code == 403
    assert (await owner.post(f"{at}/consents", data=said)).status_code == 303
    assert (await owner.post(f"{at}/consents", data=said | {"source": ""})).status_code == 422
    assert "A form" in (await owner.get(f"{at}/data")).text
    assert "erasure" not in (await clerk.get(f"{at}/data")).text
    assert (await owner.post(f"{at}/data")).status_code == 303
    assert (await owner.post(f"{at}/erasure", data={"name": "Ottilie"})).status_code == 422
    assert (await owner.post(f"{at}/erasure", data={"name": "Ottilie Brezelmann"})).status_code == 303
    await seeded.work()
    assert await seeded.found("Brezelmann") == {}


async def test_the_latest_word_counts(seeded: Seeded) -> None:
    subject = str(seeded.person)
    for given in (True, False):
        await seeded.db.run(seeded.shop.scope, note_consent, "person", subject, "newsletter", "Letter", given=given)
        async with seeded.db.read(seeded.shop.scope) as read:
            assert await agrees(read, "person", subject, "newsletter") is given
            assert await agrees(read, "person", subject, "photos") is False


async def test_the_pages_show_gather_note_and_erase(seeded: Seeded, site: Site) -> None:
    owner = await site.member(seeded.shop)
    base, page = f"/t/{seeded.shop.tenant.slug}", f"/people/{seeded.member}/data"
    shown = await owner.get(base + page)
    assert shown.status_code == 200
    assert "Stock move" in shown.text
    assert (await owner.post(base + page)).status_code == 303
    wrong = await owner.post(f"{base}/people/{seeded.member}/consents", data={"purpose": "newsletter", "source": ""})
    assert wrong.status_code == 422
    noted = {"purpose": "newsletter", "source": "A form", "word": "given"}
    assert (await owner.post(f"{base}/people/{seeded.member}/consents", data=noted)).status_code == 303
    await seeded.work()
    export = await seeded.admin.fetchval("SELECT id FROM data_export WHERE subject = $1", str(seeded.person))
    assert (await owner.get(f"{base}/privacy/exports/{export}")).headers["content-type"] == "application/zip"
    slip = await owner.post(f"{base}/people/{seeded.member}/erasure", data={"name": "Canaria"})
    assert slip.status_code == 422
    assert await seeded.found(seeded.email) != {}
    done = await owner.post(f"{base}/people/{seeded.member}/erasure", data={"name": seeded.name})
    assert done.status_code == 303
    assert (await site.visitor(seeded.secret).get(f"{base}/")).status_code in {303, 404}
    await seeded.work()
    listed = await owner.get(f"{base}/privacy")
    assert "Former person" in listed.text
    assert seeded.name not in listed.text
    assert (await owner.post(f"{base}/privacy/customers", data={"reference": "?", "act": "erase"})).status_code == 422


async def test_a_person_who_left_long_ago_can_be_erased_too(seeded: Seeded) -> None:
    await seeded.db.run(seeded.shop.scope, end_membership, seeded.member)
    await seeded.db.run(seeded.shop.scope, erase_member, seeded.member)
    await seeded.work()
    assert await seeded.found(*seeded.canaries) == {}
