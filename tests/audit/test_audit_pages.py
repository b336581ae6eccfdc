"""The trail's pages and its API: filters, differences, a person's day, a thing's history, the proof, the files."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import httpx
import pytest

from retail.audit import anchors
from retail.audit.anchors import use_outside
from retail.audit.operations import note, platform_scope
from retail.audit.verify import read_keys, verify
from retail.audit.words import NOTHING
from retail.identity.operations import NewMember, add_member
from retail.kit.ids import new_id
from retail.runtime.tenancy import Actor, Scope
from tests.audit.conftest import Trail
from tests.support.enrolled import Keys
from tests.support.enrolled import enrol as enrol_device
from tests.support.selling import open_counter
from tests.support.web import Site, enrol, enrol_operator, site

__all__ = ["site"]


@pytest.fixture(autouse=True)
def of_process(trail: Trail) -> Iterator[None]:
    use_outside(trail.outside)
    yield
    anchors._of_process.clear()


async def changed_price(trail: Trail, who: str = "Paula Price", ip: str = "203.0.113.9") -> Actor:
    actor = Actor("person", new_id(), who)
    ware = trail.shop.products[0]
    async with trail.db.begin(replace(trail.shop.scope, actor=actor, ip=ip)) as tx:
        tx.audit(
            "product.put", "product", ware.id, name=ware.name, before={"price_minor": 420}, after={"price_minor": 450}
        )
    return actor


async def visitor(site: Site, trail: Trail, role: str = "owner") -> httpx.AsyncClient:
    _person, _email, secret = await enrol(trail.db, trail.shop.tenant.id, role)
    return site.visitor(secret)


def at(trail: Trail, path: str) -> str:
    return f"/t/{trail.shop.tenant.slug}{path}"


async def test_the_timeline_says_who_changed_what_from_where(site: Site, trail: Trail) -> None:
    await changed_price(trail)
    page = (await (await visitor(site, trail)).get(at(trail, "/audit"))).text
    for said in ("Paula Price", "Product saved", "Sourdough loaf 800 g", "Price: €4.20 → €4.50", "203.0.113.9"):
        assert said in page


@pytest.mark.parametrize(
    ("query", "there"),
    [("ip=203.0.113.9", True), ("ip=203.0.113.1", False), ("action=product.put", True), ("q=sourdough", True),
     ("q=nothing-like-it", False), ("from=2020-01-01&to=2020-01-02", False), ("from=2020-01-01", True)],
)  # fmt: skip
async def test_filters_narrow_the_timeline(site: Site, trail: Trail, query: str, there: bool) -> None:
    await changed_price(trail)
    answer = await (await visitor(site, trail)).get(at(trail, f"/audit?{query}"))
    assert answer.status_code == 200
    rows = answer.text.partition('<div id="trail">')[2]
    assert ("Paula Price" in rows) == there


@pytest.mark.parametrize(
    "query",
    ["person=1", "from=yesterday", "action=nothing", "after=x", "subject=1", "ip=notanip", "day=2026-11-20", "foo=1"],
)
async def test_a_filter_that_makes_no_sense_shows_nothing_and_says_so(site: Site, trail: Trail, query: str) -> None:
    answer = await (await visitor(site, trail)).get(at(trail, f"/audit?{query}"))
    assert answer.status_code == 422
    assert "Nothing is shown yet" in answer.text
    name = query.partition("=")[0]
    assert (f"There is no filter &#34;{name}&#34; here." in answer.text) == (name in {"day", "foo"})
    assert ("Type a whole IP address" in answer.text) == (name == "ip")


@pytest.mark.parametrize("query", ["foo=1", "ip=notanip", "day=2026-11-20", "after=x"])
async def test_the_other_pages_of_a_trail_show_nothing_either(site: Site, trail: Trail, query: str) -> None:
    await changed_price(trail)
    browser = await visitor(site, trail)
    ware, who = trail.shop.products[0].id, new_id()
    answer = await browser.get(at(trail, f"/audit/objects/product/{ware}?{query}"))
    assert (answer.status_code, "Paula Price" in answer.text) == (422, False)
    assert "Nothing happened to it" not in answer.text
    day = await browser.get(at(trail, f"/audit/people/{who}?day=garbage&foo=1"))
    assert (day.status_code, "There is no filter &#34;foo&#34; here." in day.text) == (422, True)
    assert "In short" not in day.text
    _person, _email, secret = await enrol_operator(trail.db)
    platform = await site.visitor(secret).get(f"/platform/audit?{query}")
    assert (platform.status_code, "Nothing is shown yet" in platform.text) == (422, True)


async def test_an_address_is_found_however_it_is_spelt(site: Site, trail: Trail) -> None:
    await changed_price(trail, ip="2001:db8::7")
    page = (await (await visitor(site, trail)).get(at(trail, "/audit?ip=2001:0DB8:0::0007"))).text
    assert "Paula Price" in page.partition('<div id="trail">')[2]


async def test_the_words_of_an_action_are_found_as_they_are_shown(site: Site, trail: Trail) -> None:
    await changed_price(trail)
    browser = await visitor(site, trail)
    for typed, there in (("Product saved", True), ("product SAV", True), ("Products saved", False)):
        page = (await browser.get(at(trail, f"/audit?q={typed.replace(' ', '+')}"))).text
        assert ("Paula Price" in page.partition('<div id="trail">')[2]) == there
    taken = (await browser.get(at(trail, "/audit/export?q=product+saved"))).text
    assert "Paula Price" in taken


async def test_a_record_shows_before_and_after_and_its_place_on_the_chain(site: Site, trail: Trail) -> None:
    await changed_price(trail)
    await trail.seal()
    browser = await visitor(site, trail)
    id = await trail.admin.fetchval(
        "SELECT id FROM audit_event WHERE tenant_id = $1 AND ip <> ''", trail.shop.tenant.id
    )
    page = (await browser.get(at(trail, f"/audit/events/{id}"))).text
    assert "<del>€4.20</del>" in page
    assert "<ins><b>€4.50</b></ins>" in page
    assert "As it was written" in page
    await trail.tamper("UPDATE audit_event SET record = record || 'x' WHERE tenant_id = $1 AND id = $2", id)
    page = (await browser.get(at(trail, f"/audit/events/{id}"))).text
    assert "somebody changed it in the database" in page
    assert (await browser.get(at(trail, f"/audit/events/{new_id()}"))).status_code == 404


async def test_a_persons_day_and_a_things_history(site: Site, trail: Trail) -> None:
    actor = await changed_price(trail)
    browser = await visitor(site, trail)
    page = (await browser.get(at(trail, f"/audit/people/{actor.id}"))).text
    assert "Product saved: 1" in page
    assert "203.0.113.9" in page
    page = (await browser.get(at(trail, f"/audit/people/{actor.id}?day=2020-01-01"))).text
    assert "Nothing on this day" in page
    ware = trail.shop.products[0].id
    page = (await browser.get(at(trail, f"/audit/objects/product/{ware}"))).text
    assert "<h1>Sourdough loaf 800 g</h1>" in page
    assert "Price: €4.20 → €4.50" in page


async def test_the_proof_is_green_until_somebody_changes_something(site: Site, trail: Trail) -> None:
    browser = await visitor(site, trail)
    await trail.seal()
    assert "records are as they were written" in (await browser.get(at(trail, "/audit/proof"))).text
    answer = (await browser.get(at(trail, "/api/v1/audit/verification"))).json()
    assert (answer["ok"], answer["waiting"], answer["problems"]) == (True, 0, [])
    assert answer["head"]["seq"] == answer["events"] == answer["anchored"]
    await trail.tamper("DELETE FROM audit_event WHERE tenant_id = $1 AND action = 'tenant.opened'")
    answer = (await browser.get(at(trail, "/api/v1/audit/verification"))).json()
    assert (answer["ok"], answer["problems"]) == (False, ["record 1 is missing, though it was sealed"])
    page = (await browser.get(at(trail, "/audit/proof"))).text
    assert "record 1 is missing, though it was sealed" in page


async def test_the_downloaded_chain_verifies_and_that_it_was_taken_is_on_the_trail(site: Site, trail: Trail) -> None:
    browser = await visitor(site, trail)
    await trail.seal()
    export = (await browser.get(at(trail, "/api/v1/audit/export"))).text
    keys = read_keys((await browser.get(at(trail, "/api/v1/audit/keys"))).text)
    walk = verify(export.splitlines(), keys, trail.outside.anchors.of(trail.shop.tenant.id))
    assert (walk.problems, walk.count > 5, walk.signed) == ([], True, walk.count)
    taken = await trail.admin.fetch(
        "SELECT facts, actor_name FROM audit_event WHERE tenant_id = $1 AND action = 'audit.exported'",
        trail.shop.tenant.id,
    )
    assert [(json.loads(row["facts"]), row["actor_name"]) for row in taken] == [
        ({"format": "jsonl", "filters": {}}, "Owner")
    ]


async def test_a_part_of_the_chain_proves_itself_and_tells_nothing_of_the_rest(site: Site, trail: Trail) -> None:
    await changed_price(trail, "Anna")
    await trail.act("between")
    await changed_price(trail, "Anna")
    browser = await visitor(site, trail)
    await trail.seal()
    path = at(trail, "/api/v1/audit/export?ip=203.0.113.9&q=price")
    lines = [json.loads(line) for line in (await browser.get(path)).text.splitlines()]
    told = [line for line in lines if line.get("record")]
    assert [("price_minor" in line["record"]) for line in told] == [True, True]
    assert "between" not in json.dumps(lines)
    rest = [line for line in lines if line["type"] == "record" and "record" not in line]
    assert {tuple(line) for line in rest} == {("type", "seq", "hash", "digest")}
    keys = read_keys((await browser.get(at(trail, "/api/v1/audit/keys"))).text)

    def problems() -> list[str]:
        outside = trail.outside.anchors.of(trail.shop.tenant.id)
        return verify([json.dumps(line) for line in lines], keys, outside).problems

    assert problems() == []
    for line, name, value in (
        (told[0], "record", told[0]["record"].replace("450", "440")),
        (rest[2], "digest", "0" * 64),
        (told[1], "hash", "0" * 64),
    ):
        good, line[name] = line[name], value
        assert f"record {line['seq']} is not as it was sealed" in problems()
        line[name] = good
    lines.remove(rest[1])
    assert any("is missing" in problem for problem in problems())
    (taken,) = await trail.admin.fetch(
        "SELECT facts FROM audit_event WHERE tenant_id = $1 AND action = 'audit.exported'", trail.shop.tenant.id
    )
    assert json.loads(taken["facts"])["filters"] == {"ip": "*", "q": "*"}


async def test_a_filter_that_the_chain_does_not_have_is_refused_and_nothing_is_given_out(
    site: Site, trail: Trail
) -> None:
    browser = await visitor(site, trail)
    for asked, wrong in (("persson=x", "persson"), ("person=x", "person"), ("from=2026-13-01", "from")):
        answer = await browser.get(at(trail, f"/api/v1/audit/export?{asked}"))
        assert (answer.status_code, list(answer.json()["errors"])) == (422, [wrong])
        answer = await browser.get(at(trail, f"/audit/export?{asked}"))
        assert answer.status_code == 422
        assert ("There is no filter &#34;persson&#34; here." in answer.text) == (wrong == "persson")
        assert "content-disposition" not in answer.headers
    count = "SELECT count(*) FROM audit_event WHERE tenant_id = $1 AND action LIKE '%.exported'"
    assert await trail.admin.fetchval(count, trail.shop.tenant.id) == 0


async def test_a_day_of_a_person_can_be_taken_along_with_its_proof(site: Site, trail: Trail) -> None:
    browser = await visitor(site, trail)
    somebody = (
        await trail.admin.fetchrow(
            "SELECT actor_id FROM audit_event WHERE tenant_id = $1 AND actor_kind = 'person' LIMIT 1",
            trail.shop.tenant.id,
        )
    )["actor_id"]
    page = (await browser.get(at(trail, f"/audit/people/{somebody}"))).text
    found = re.search(r'href="([^"]*/api/v1/audit/export\?[^"]*)"', page)
    assert found is not None
    answer = await browser.get(html.unescape(found[1]))
    assert answer.status_code == 200
    assert json.loads(answer.text.splitlines()[0])["type"] == "export"


async def test_the_list_as_csv_has_what_the_filters_show_and_no_formulas(site: Site, trail: Trail) -> None:
    await changed_price(trail, "=HYPERLINK(1)")
    browser = await visitor(site, trail)
    answer = await browser.get(at(trail, "/audit/export?ip=203.0.113.9"))
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(row["actor_name"], row["ip"]) for row in rows] == [("'=HYPERLINK(1)", "203.0.113.9")]
    assert json.loads(rows[0]["facts"])["after"] == {"price_minor": 450}


@pytest.mark.parametrize(
    "path", ["/audit", "/audit/proof", "/audit/export", "/api/v1/audit/export", "/api/v1/audit/keys"]
)
async def test_whoever_may_not_look_at_the_trail_sees_nothing_of_it(site: Site, trail: Trail, path: str) -> None:
    before = await trail.admin.fetchval("SELECT count(*) FROM audit_event WHERE action = 'audit.exported'")
    clerk = await visitor(site, trail, "clerk")
    assert (await clerk.get(at(trail, path))).status_code == 403
    after = await trail.admin.fetchval("SELECT count(*) FROM audit_event WHERE action = 'audit.exported'")
    assert after == before


async def test_an_operator_sees_what_happens_outside_of_any_business_and_nothing_of_one(
    site: Site, trail: Trail
) -> None:
    stranger = new_id()
    scope = platform_scope(Actor("person", stranger, "Otto Operator"), ip="198.51.100.7")
    await note(trail.db, scope, "person.confirmation_refused", "person", stranger)
    await changed_price(trail)
    _person, _email, secret = await enrol_operator(trail.db)
    page = (await site.visitor(secret).get("/platform/audit?ip=198.51.100.7")).text
    assert "Confirmation refused" in page
    assert "Otto Operator" in page
    assert "Paula Price" not in (await site.visitor(secret).get("/platform/audit")).text
    _person, _email, owner = await enrol(trail.db, trail.shop.tenant.id, "owner")
    assert (await site.visitor(owner).get("/platform/audit")).status_code == 403


async def test_the_trail_names_whom_and_what_something_was_done_to(site: Site, trail: Trail) -> None:
    tenant = trail.shop.tenant.id
    draft = NewMember(f"{new_id().hex}@shop.example", "Marta Vogel", "clerk", "-")
    marta = await trail.db.run(Scope.system(tenant), add_member, draft)
    herself = replace(trail.shop.scope, actor=Actor("person", marta.person_id, "Marta Vogel"))
    async with trail.db.begin(herself) as tx:
        tx.audit("member.role_changed", "member", marta.id, after={"role": "clerk"})
        tx.audit("till.renamed", "till", trail.shop.till)
    browser = await visitor(site, trail)
    for path in ("/audit", f"/audit/people/{marta.person_id}"):
        rows = (await browser.get(at(trail, path))).text
        assert "Marta Vogel (their own)" in rows
        assert ">Till 1</a>" in rows
    found = (await browser.get(at(trail, "/audit?q=marta"))).text.partition('<div id="trail">')[2]
    assert "Marta Vogel (their own)" in found
    assert ">Till 1</a>" not in found
    assert "<h1>Marta Vogel</h1>" in (await browser.get(at(trail, f"/audit/objects/member/{marta.id}"))).text
    stored = await trail.admin.fetch("SELECT facts FROM audit_event WHERE subject_id = $1", marta.id)
    assert not any("Vogel" in row["facts"] for row in stored), "the record keeps the id alone"


async def shown(site: Site, trail: Trail, act: tuple[str, str], **facts: object) -> str:
    """Record something, and give what the list says of it."""
    async with trail.db.begin(trail.shop.scope) as tx:
        tx.audit(*act, new_id(), **facts)
    page = (await (await visitor(site, trail)).get(at(trail, f"/audit?action={act[0]}"))).text
    return page.partition('<div id="trail">')[2]


@pytest.mark.parametrize(
    ("act", "facts", "said"),
    [
        (("approval.asked", "approval"), {"permission": "discount", "amount": 2000}, "Amount: 20\N{NO-BREAK SPACE}%"),
        (("approval.asked", "approval"), {"permission": "discount", "amount": 1995},
         "Amount: 19.95\N{NO-BREAK SPACE}%"),
        (("approval.asked", "approval"), {"permission": "refund", "amount": 2000}, "Amount: €20.00"),
        (("approval.asked", "approval"), {"permission": "discount", "amount": 2000}, ">Approval</a>"),
        (("cash.moved", "shift"), {"kind": "pay_in", "amount": 2000}, "Amount: €20.00"),
        (("product.put", "product"), {"before": {"unit_cost": "60"}, "after": {"unit_cost": "63.31"}},
         "€0.60 → €0.6331"),
        (("supply.put", "product"), {"after": {"cost": "63.31", "lead_days": 2}}, "Cost: \N{EN DASH} → €0.6331"),
        (("supply.put", "product"), {"after": {"cost": "63.31", "pack_quantity": "6.000"}}, "Pack of: \N{EN DASH} → 6"),
        (("product.put", "product"), {"before": {"decimals": 0}, "after": {"decimals": 3}},
         "Decimals of the quantity: 0 → 3"),
        (("product.put", "product"), {"before": {"favourite": False}, "after": {"favourite": True}},
         "Among the till&#39;s favourites: no → yes"),
        (("product.put", "product"), {"before": {"reorder_point": "5.000"}, "after": {"reorder_point": "2.500"}},
         "Reorder at: 5 → 2.5"),
        (("tax_class.changed", "tax_class"), {"before": {"rate_micros": 70_000}, "after": {"rate_micros": 81_000}},
         "Rate: 7\N{NO-BREAK SPACE}% → 8.1\N{NO-BREAK SPACE}%"),
        (("role.changed", "role"), {"before": {"discount": 1000}, "after": {"discount": 1500}},
         "10\N{NO-BREAK SPACE}% → 15\N{NO-BREAK SPACE}%"),
    ],
)  # fmt: skip
async def test_numbers_are_in_the_unit_of_their_kind(
    site: Site, trail: Trail, act: tuple[str, str], facts: dict[str, object], said: str
) -> None:
    assert said in await shown(site, trail, act, **facts)


async def test_people_among_the_facts_are_called_as_they_are_now(site: Site, trail: Trail) -> None:
    draft = NewMember(f"{new_id().hex}@shop.example", "Marta Vogel", "manager", "-")
    marta = await trail.db.run(Scope.system(trail.shop.tenant.id), add_member, draft)
    facts = {"permission": "discount", "amount": 2000, "by": marta.person_id}
    assert "By: Marta Vogel" in await shown(site, trail, ("approval.granted", "approval"), **facts)
    rows = await shown(site, trail, ("device.enrolled", "device"), made_by=marta.person_id)
    assert "Made by: Marta Vogel" in rows


async def test_whoever_guesses_at_a_password_is_somebody_unknown(site: Site, trail: Trail) -> None:
    tenant = trail.shop.tenant.id
    draft = NewMember(f"{new_id().hex}@shop.example", "Carla Rossi", "clerk", "-")
    carla = await trail.db.run(Scope.system(tenant), add_member, draft)
    herself = Actor("person", carla.person_id, "Carla Rossi")
    async with trail.db.begin(replace(trail.shop.scope, actor=herself)) as tx:
        tx.audit("person.signed_in", "person", carla.person_id)
    stranger = Scope(tenant, Actor("person", carla.person_id, ""), ip="198.51.100.23")
    async with trail.db.begin(stranger) as tx:
        tx.audit("person.sign_in_refused", "person", carla.person_id, way="password", tries=3)
    browser = await visitor(site, trail)
    page = (await browser.get(at(trail, "/audit?action=person.sign_in_refused"))).text
    rows = page.partition('<div id="trail">')[2]
    assert "Somebody unknown" in rows
    assert ">Carla Rossi</a>" in rows
    assert "their own" not in rows
    assert page.count(">Carla Rossi</option>") == 1
    for path in (f"/audit?person={carla.person_id}", f"/audit/people/{carla.person_id}"):
        own = (await browser.get(at(trail, path))).text.partition("<main")[2]
        assert "198.51.100.23" not in own, "what a stranger did is none of her acts"
        assert "Signed in" in own
    row = await trail.admin.fetchval("SELECT id FROM audit_event WHERE ip = '198.51.100.23' AND tenant_id = $1", tenant)
    page = (await browser.get(at(trail, f"/audit/events/{row}"))).text
    assert "Somebody unknown" in page
    assert "Person Carla Rossi" in page
    sent = (await browser.get(at(trail, f"/api/v1/audit/events?subject={carla.person_id}"))).json()["items"]
    assert [(one["actor_id"], one["actor_name"]) for one in sent if one["ip"]] == [(None, "Somebody unknown")]


async def test_times_among_the_facts_are_on_the_shops_clock(site: Site, trail: Trail) -> None:
    async with trail.db.begin(trail.shop.scope) as tx:
        after = {"role": "manager", "ends_at": datetime(2026, 11, 21, 22, 30, 0, 123, tzinfo=UTC)}
        tx.audit("grant.given", "member", new_id(), before=None, after=after)
    browser = await visitor(site, trail)
    page = (await browser.get(at(trail, "/audit"))).text
    assert f"Until: {NOTHING} → 21 Nov 2026, 23:30" in page
    assert "T22:30" not in page


async def test_ids_among_the_facts_are_named_or_left_to_the_record_itself(site: Site, trail: Trail) -> None:
    unknown = new_id()
    async with trail.db.begin(replace(trail.shop.scope, actor=Actor("person", new_id(), ""))) as tx:
        after = {"store": str(trail.shop.store), "device": str(unknown)}
        tx.audit("till.taken_over", "till", trail.shop.till, before=None, after=after)
    browser = await visitor(site, trail)
    page = (await browser.get(at(trail, "/audit"))).text
    async with trail.db.read(trail.shop.scope) as read:
        store = await read.fetchval("SELECT name FROM store WHERE id = $1", trail.shop.store)
        record = await read.fetchval("SELECT id FROM audit_event WHERE action = 'till.taken_over'")
    assert f"Store: {NOTHING} → {store}" in page
    assert str(unknown) not in page, "a number that names nothing tells a reader nothing"
    assert "Not signed in" in page, "a link needs words"
    shown = (await browser.get(at(trail, f"/audit/events/{record}"))).text
    assert str(unknown) in shown
    assert store in shown


async def approved(site: Site, trail: Trail, act: UUID, device: UUID) -> str:
    """Give the page of an approval's record."""
    id = new_id()
    async with trail.db.begin(replace(trail.shop.scope, device=device)) as tx:
        tx.audit("approval.used", "approval", id, permission="discount", act=act)
    record = await trail.admin.fetchval("SELECT id FROM audit_event WHERE subject_id = $1", id)
    return (await (await visitor(site, trail)).get(at(trail, f"/audit/events/{record}"))).text.partition("<main")[2]


async def test_an_approvals_record_names_its_device_and_its_act(site: Site, trail: Trail) -> None:
    shop = trail.shop
    device = await enrol_device(trail.db, shop, Keys(), name="Counter tablet")
    counter = await open_counter(shop)
    sale = (await counter.sell()).sale
    assert sale is not None
    page = await approved(site, trail, sale.id, device)
    assert f'href="{at(trail, f"/audit?device={device}")}">Counter tablet</a>' in page
    assert f'<a href="{at(trail, f"/sales/{sale.id}")}">Sale {sale.number}</a>' in page
    drawer = await trail.admin.fetchval(
        """INSERT INTO drawer_event (tenant_id, id, shift_id, reason, actor_name, occurred_at, created_at)
           VALUES ($1, gen_random_uuid(), $2, 'Change', 'Anna', now(), now()) RETURNING id""",
        shop.tenant.id,
        counter.shift,
    )
    assert "<dd>Drawer opened without a sale</dd>" in await approved(site, trail, drawer, device)
    nothing = new_id()
    page = await approved(site, trail, nothing, device)
    assert "Not done, as far as is known here" in page
    assert str(nothing) not in page
