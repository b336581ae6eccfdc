"""Every main page of a shop that has traded: axe finds nothing, the console is silent, no policy is broken."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import repeat
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from playwright.async_api import Page, expect
from starlette.routing import BaseRoute

import retail.automation.jobs  # noqa: F401 - registers its jobs
from retail.automation.imports.files import Handed
from retail.automation.imports.operations import NewRun, hand_in
from retail.automation.reports.operations import Draft, keep_report
from retail.automation.reports.rules import Timing
from retail.automation.reports.schedules import Wish, make_schedule
from retail.cash import open_drawer
from retail.catalog.changes.running import Pick, take
from retail.catalog.changes.running import start as start_change
from retail.catalog.codes.rulebook import save_layout
from retail.catalog.lists.views import save_view
from retail.catalog.prices import batches
from retail.catalog.prices.lists import Price, put_list, put_prices
from retail.catalog.prices.reckoning import Rule
from retail.catalog.prices.rules import PriceList
from retail.catalog.prices.surveying import Choice, Plan
from retail.catalog.prices.windows import Window
from retail.catalog.products.families import FamilyFacts, put_family
from retail.catalog.products.modifiers import Group, Modifier, put_group
from retail.catalog.suppliers.operations import add_supplier
from retail.catalog.suppliers.rules import Supplier
from retail.catalog.taxes.keeping import put_position
from retail.comms.threads import Party
from retail.foresight.asking import Wanted
from retail.foresight.scenarios import Supposition
from retail.foresight.scenarios import keep as keep_scenario
from retail.foresight.supposing import Levers, Line
from retail.identity import invitations, oidc
from retail.identity.invitations import Invite
from retail.identity.operations import NewMember, add_member
from retail.identity.permissions import ROLES
from retail.identity.resets import ask_for_reset
from retail.kit.ids import new_id
from retail.recommending.jobs import ask
from retail.recommending.operations import exclude
from retail.routes import SITE, TENANT
from retail.runtime.mail import Mail, queue
from retail.runtime.tenancy import Actor, Scope
from retail.runtime.web.routing import GuardedRoute
from retail.sales.closing import close
from retail.sales.keys import layouts
from retail.stock.allotting.operations import mark_scarce
from retail.stock.counts.operations import NewArea, NewCount, NewEntry, record, start
from retail.stock.places.operations import open_location
from retail.value import Use
from retail.value.desk import receive_payment
from tests.sales.test_layaways import kept
from tests.support.axe import bring_axe, violations
from tests.support.buyers import a_customer
from tests.support.counter import Counter
from tests.support.day import Day
from tests.support.house import eventually
from tests.support.letters import token_to
from tests.support.offers import an_offer
from tests.support.office_talk import a_bill, a_note, a_thread, an_announcement
from tests.support.selling import AT, open_counter
from tests.support.shelves import follow_by, lot_in, pieces_in, sent, stocked
from tests.support.values import a_card, keys_in, who_may_owe
from tests.support.vendors import a_supplier, sells
from tests.support.web import KEYS, PASSWORD_HASH, enrol, enrol_operator

FILTERED = [
    *("/analytics?period=day", "/analytics/sales?period=month&against=year", "/analytics/products?tender=cash&by=week"),
    *("/?period=week", "/?period=custom", "/stock?low=1", "/stock/moves/new?kind=count&code=SKU-001"),
    *(
        "/stock/moves/new?code=o",
        "/sales?show=return",
        "/products?show=archived",
        "/products?low=1&columns=tags.stock.price",
        "/products?q=choclate",
        "/ledger/entries?kind=sale",
    ),
    *("/products?low=1&columns=tags.stock.price", "/products?q=choclate", "/products/changes/new?q=milk"),
    *("/promotions?standing=draft", "/promotions/new?kind=meal", "/promotions/new?kind=tiered"),
    *("/customers?q=zzz", "/customers?show=archived&group=club", "/gift-cards?state=blocked"),
    *("/products/suppliers?q=zzz", "/products/suppliers?show=archived"),
    *("/analytics/customers?segment=vip", "/analytics/customers/moves?was=lost", "/customers?segment=new"),
    *("/products/recommendations?q=zzz", "/products/recommendations/excludes?q=zzz"),
    *("/stock/insights?view=classes", "/stock/insights?view=turnover", "/stock/valuation?at=2020-01-31T18:00"),
]
"""Pages that look otherwise with something asked for."""


PARTS = {
    *("/account/data/{export}", "/privacy/exports/{export}", "/sales/news"),
    *("/products/pictures/{name}-{side:int}.webp", "/logo/{name}-{side:int}.webp", "/approvals/{approval:uuid}/state"),
}
"""Parts of a page that answer nothing but that page: they are asked with the mark that only it has."""


BY_LINK = {
    *("/invitation", "/password/reset", "/sign-in/sso/{slug}", "/sign-in/sso/{slug}/start"),
    *("/exports/{export:uuid}", "/products/exports/{id:uuid}", "/platform/businesses/{slug}/exports/{export:uuid}"),
    *("/audit/objects/{kind}/{subject:uuid}", "/devices/{device}"),  # the second in test_devices.py
    *("/sign-in/sso/{slug}/callback", "/.well-known/security.txt", "/sign-up/confirmation"),
    "/r/{token}",  # in test_receipts_journey.py
    "/platform/errors/{id:uuid}",  # in test_looking.py
    *("/messages/{thread:uuid}/files/{file:uuid}", "/platform/messages/{tenant:uuid}/{thread:uuid}/files/{file:uuid}"),
    "/notices/{notification:uuid}",  # leads on to what a notification speaks of
}
"""Addresses that answer whoever brings something along; the pages among them are visited with it."""


def addresses(routes: Sequence[BaseRoute], known: Mapping[str, object]) -> list[str]:
    """List every address of a site map that answers GET; `known` fills a parameter in, by the path that begins with it,
    a tuple one after the other.

    A new page with a parameter fails here until it is given something to show.
    """
    found = []
    for route in routes:
        if not isinstance(route, GuardedRoute) or "GET" not in (route.methods or ()) or route.path in PARTS | BY_LINK:
            continue
        fillings = [name for name in known if "{" in route.path and route.path.startswith(name)]
        assert fillings or "{" not in route.path, f"Give {route.path} something to show in this test."
        filling = known[max(fillings, key=len)] if fillings else ""
        several = iter(filling if isinstance(filling, tuple) else repeat(filling))
        found.append(re.sub(r"\{[^}]*\}", lambda _name, several=several: str(next(several)), route.path))
    return found


async def a_scenario(day: Day) -> UUID:
    """Keep what somebody supposed of the days to come."""
    today = day.shop.db.clock.now().date()
    line = Line([900.0] * 7, [800.0] * 7, [1000.0] * 7)
    wanted = Wanted("revenue", 7, None, None, None)
    of = Supposition(new_id(), "Cheaper in spring", wanted, Levers(price=-10), -0.6, today, [1000.0] * 7, line)
    return await day.shop.db.run(day.shop.scope, keep_scenario, of)


async def a_layout(day: Day) -> UUID:
    """Make a layout of tiles."""
    id = new_id()
    await day.shop.db.run(day.shop.scope, layouts.create, id, "Counter")
    return id


async def a_late_shift(day: Day) -> UUID:
    """Close a shift before its last sale arrives, and wait for the supplement that the worker makes."""
    till = await open_counter(day.shop, day.shop.second_till)
    await day.shop.db.run(day.shop.scope, close, till.shift, 10_000, None, AT)
    await till.sell()

    async def made() -> int:
        async with day.house.db.read(day.shop.scope) as read:
            return int(await read.fetchval("SELECT count(*) FROM z_supplement"))

    await eventually(made, 1)
    return till.shift


async def an_unusual_day(day: Day) -> UUID:
    """Keep a day of the store that sold half of what was expected."""
    async with day.shop.db.begin(day.shop.scope) as tx:
        return await tx.fetchval(
            """INSERT INTO unusual_day (tenant_id, id, store_id, business_date, hour, sold_minor, expected_minor,
                                        low_minor, high_minor, z, threshold, severity, found_at, updated_at)
               VALUES ($1, $2, $3, '2026-03-02', 24, 40000, 80000, 60000, 100000, -6, 4, 'medium', now(), now())
               RETURNING id""",
            tx.tenant, new_id(), day.shop.store,
        )  # fmt: skip


async def an_alert(day: Day, shift: UUID) -> UUID:
    """Have somebody open a drawer so often that it stands out, and wait for the alert that the worker makes."""
    for place in range(4):
        await day.shop.db.run(day.shop.scope, open_drawer, new_id(), shift, "Change", AT + timedelta(minutes=place))

    async def made() -> int:
        async with day.house.db.read(day.shop.scope) as read:
            return int(await read.fetchval("SELECT count(*) FROM risk_alert"))

    await eventually(made, 1)
    return await one_of(day, "SELECT id FROM risk_alert LIMIT 1")


async def pages_among(page: Page, base: str, paths: Sequence[str]) -> list[str]:
    """Keep the addresses of whole pages; parts of pages and downloads must only be there.

    Lists as files are fetched in tests/automation/test_lists.py, in every form: here they come too fast.
    """
    found = []
    for path in paths:
        if path.endswith("/export"):
            continue
        answer = await page.context.request.get(base + path)
        assert answer.status == 200, (path, answer.status)
        if "text/html" in answer.headers["content-type"] and (await answer.body()).startswith(b"<!DOCTYPE html>"):
            found.append(path)
    return found


async def a_report(day: Day) -> UUID:
    """Keep a report for the business, sent every day."""
    report, db = new_id(), day.house.db
    owner, _email, _secret = await enrol(db, day.shop.tenant.id, "owner")
    scope = Scope(day.shop.tenant.id, Actor("person", owner, "Olga"), ROLES["owner"], "owner")
    await db.run(scope, keep_report, report, Draft("Each day", "daily", "span=last_7", shared=True))
    wish = Wish(Timing("day", 1, 7, "Europe/Berlin"), ("pdf",), (owner,))
    await db.run(scope, make_schedule, report, report, wish)  # one id fills a page of both
    return report


async def by_link(day: Day) -> list[str]:
    """Give the pages that links in mails and a business's own sign-in lead to."""
    db, tenant = day.house.db, day.shop.tenant
    invited, owner = f"{new_id().hex}@shop.example", f"{new_id().hex}@shop.example"
    scope = Scope.system(tenant.id)
    await db.run(scope, invitations.invite, tenant, Invite(invited, "clerk"), "https://app.example")
    await db.run(scope, add_member, NewMember(owner, "Olga", "owner", PASSWORD_HASH))
    async with db.platform() as unit:
        await ask_for_reset(unit, owner, "https://app.example")
    wanted = oidc.Settings("Acme", "https://login.acme.example", "client", "", (), (), (), False, True)
    await db.run(scope, oidc.set_provider, KEYS, wanted)
    return [
        f"/invitation?token={await token_to(db, invited, 'invitation')}",
        f"/password/reset?token={await token_to(db, owner, 'password_reset')}",
        f"/sign-in/sso/{tenant.slug}",
        f"/sign-in/sso?business={tenant.slug}",
    ]


async def trade(day: Day) -> tuple[Counter, UUID, UUID]:
    """Sell, also below zero, and close a shift; gives the till, a sale and the closed shift."""
    bread, milk, *_rest = day.shop.products
    await day.stock_up({bread: "8", milk: "1"})
    till = await day.at_till(await day.device("clerk"), float_digits="10000")
    await till.sell(bread)
    await till.scan(milk, 2)
    await till.has_lines("2 Whole milk 1 l €2.70")
    await till.pay_cash()
    await till.has_sent_everything()
    shift = (await till.meta("shift"))["id"]
    return till, (await day.sales())[0]["id"], UUID(shift)


async def of_the_stockroom(day: Day) -> dict[str, object]:
    """Leave a transfer, a place, a lot and a piece to show; gives each one's address with what it is to show."""
    shop = day.shop
    await follow_by(shop, "lot", 2)
    await lot_in(shop, "L-17", "4", date(2026, 12, 24), 2)
    await follow_by(shop, "serial", 3)
    await pieces_in(shop, ["SN-0001"], 3)
    await stocked(shop, "5", 4)
    place = await shop.db.run(shop.scope, open_location, new_id(), shop.store, "Store room", "storage")
    scarce = await shop.db.run(shop.scope, mark_scarce, new_id(), shop.store, shop.products[4].id, "sales")
    return {
        "/stock/allotments/{article": scarce,
        "/stock/transfers/{transfer": await sent(shop, (4, "2", "")),
        "/stock/places/{place": place.id,
        "/stock/lots/{lot": await one_of(day, "SELECT id FROM lot LIMIT 1"),
        "/stock/serials/{piece": await one_of(day, "SELECT id FROM serial LIMIT 1"),
    }


async def of_files(day: Day) -> dict[str, object]:
    """Leave a file that waits for its columns, to show."""
    content = b"sku,name,price,tax_class\nTEA-1,Green tea,2.49,R\n"
    handed = Handed(Path(), len(content), hashlib.sha256(content).digest())
    header = ["sku", "name", "price", "tax_class"]
    new = NewRun(new_id(), "products", "csv", "goods.csv", handed, header, with_costs=True)
    return {"/products/imports/{id": (await day.house.db.run(day.shop.scope, hand_in, new)).id}


async def test_the_back_office_has_no_barriers_and_nothing_complains(day: Day) -> None:
    till, sale, shift = await trade(day)
    await till.tap("Next sale")
    await till.tap("Shift")
    await till.tap("Count and close the shift")
    await till.press("10690")
    await till.tap("Close the shift")
    await till.tap("Close it with")
    await till.shows("The drawer is right")
    late_shift = await a_late_shift(day)
    open_shift = (await open_counter(day.shop, day.shop.second_till)).shift
    owner = await day.device("owner")
    page = await owner.context.new_page()
    await bring_axe(page)
    base = f"{owner.origin}{day.path('')}".rstrip("/")
    known = {
        "/sales/{sale": sale,
        "/shifts/{shift": shift,
        "/shifts/{shift:uuid}/x": open_shift,
        "/shifts/{shift:uuid}/supplement": late_shift,
        "/products/{id:uuid}": day.shop.products[0].id,
        "/products/{id}": day.shop.products[0].id,
        "/products/barcode-rules/{id}": await a_barcode_rule(day),
        "/products/changes/{id": await a_change(day),
        "/reports/kept/{id": await a_report(day),
        "/products/recommendations/excludes/{exclude": await an_exclude(day),
        "/analytics/forecast/scenarios/{scenario": await a_scenario(day),
        "/products/categories/{id}": day.shop.category,
        "/products/taxes/{id}": day.shop.reduced,
        **await of_the_prices(day),
        **await of_the_suppliers(day),
        "/promotions/{id": await an_offer(day.shop),
        **await of_the_customers(day),
        "/stock/{product": day.shop.products[0].id,
        "/stock/counts/{count": await a_count(day),
        "/stock/moves/{move": await one_of(day, "SELECT id FROM stock_move WHERE kind = 'receipt' LIMIT 1"),
        **await of_the_stockroom(day),
        **await of_files(day),
        "/ledger/entries/{entry": await an_entry(day),
        "/roles/{role}": "clerk",
        "/stores/{store": day.shop.store,
        "/tills/{till": day.shop.till,
        "/tills/layouts/{layout": await a_layout(day),
        "/people/{member}": await a_clerk(day),
        "/exceptions/{exception": await one_of(day, "SELECT id FROM sync_exception LIMIT 1"),
        "/analytics/charts/{name": "trend",
        "/risk/alerts/{alert": await an_alert(day, open_shift),
        "/risk/cashiers/{cashier": await one_of(day, "SELECT person_id FROM membership LIMIT 1"),
        "/analytics/unusual/{day": await an_unusual_day(day),
        "/audit/events/{event": await one_of(day, "SELECT id FROM audit_event ORDER BY id DESC LIMIT 1"),
        "/news/{announcement": await an_announcement(day.shop),
        "/messages/{thread": await a_thread(day.shop, "team", Party("store", day.shop.store)),
        "/shift-notes/{note": await a_note(day.shop),
        "/billing/invoices/{invoice": await a_bill(day.shop),
        "/audit/people/{person": await one_of(day, "SELECT person_id FROM membership LIMIT 1"),
    }
    pages = await pages_among(page, base, addresses(TENANT, known))
    assert {"/", "/notices", "/products/taxes", f"/shifts/{open_shift}/x", f"/sales/{sale}/receipt"} <= set(pages)
    wrong: list[str] = []
    for path in (*pages, *FILTERED, f"/audit/objects/till/{day.shop.till}"):
        answer = await page.goto(base + path)
        assert answer is not None
        assert answer.status == 200, path
        if path == "/":
            await expect(page.locator("#chart-revenue svg")).to_be_visible()
        wrong += await violations(page)
    assert wrong == [], "\n".join(wrong)


async def a_count(day: Day) -> UUID:
    areas = (NewArea(new_id(), "Floor"), NewArea(new_id(), "Cellar", sells=False))
    new = NewCount(new_id(), day.shop.store, "Friday", areas)
    await day.house.db.run(day.shop.scope, start, new)
    found = NewEntry(new_id(), day.shop.products[0].id, areas[0].id, Decimal(2), "set")
    await day.house.db.run(day.shop.scope, record, new.id, [found])
    return new.id


async def a_clerk(day: Day) -> UUID:
    member = NewMember(f"{new_id().hex}@shop.example", "Carla", "clerk", PASSWORD_HASH)
    return (await day.house.db.run(Scope.system(day.shop.tenant.id), add_member, member)).id


async def a_change(day: Day) -> UUID:
    """Give a change of many products, with one that was passed over."""
    async with day.shop.db.begin(day.shop.scope) as tx:
        picks = [Pick(day.shop.products[0].id, 1), Pick(day.shop.products[1].id, 1_000_000)]
        change = await start_change(tx, "reorder_point", {"reorder_point": "7"}, picks)
        await take(tx, change)
        await save_view(tx, "Groceries", f"category={day.shop.category}", shared=True)
    return change


async def an_exclude(day: Day) -> UUID:
    """Keep two products from being suggested together, and have the rest looked through."""
    one, other, *_rest = day.shop.products
    made, _new = await day.shop.db.run(day.shop.scope, exclude, one.id, other.id)
    await day.shop.db.run(day.shop.scope, ask)
    return made.id


async def a_barcode_rule(day: Day) -> UUID:
    rule = new_id()
    await day.house.db.run(Scope.system(day.shop.tenant.id), save_layout, rule, "Weight in grams", "21IIIIIWWWWWC")
    return rule


async def of_the_prices(day: Day) -> dict[str, UUID]:
    """Make a price list with a price, a change of many prices, another way to tax, a family, and a choice."""
    scope, rule, shop = Scope.system(day.shop.tenant.id), Rule("percent", 500), day.shop
    of, many, way = new_id(), new_id(), new_id()
    some = PriceList(of, "Altstadt", "EUR", None, frozenset({shop.store}), None, Window(), 1)
    await day.house.db.run(scope, put_list, some)
    await day.house.db.run(scope, put_prices, of, [Price(shop.products[4].id, 399)])
    await day.house.db.run(scope, batches.start, many, Plan(rule, Choice(text="roll"), of), None, "Autumn")
    await day.house.db.run(scope, put_position, way, "Take away", 0, {shop.standard: shop.reduced})
    family, choice = new_id(), new_id()
    await day.house.db.run(scope, put_family, FamilyFacts(family, "Shirt", ("Size",)), [])
    await day.house.db.run(scope, put_group, Group(choice, "Milk", 0, 1, (Modifier(new_id(), "Oat", 50),)))
    return {
        "/products/prices/lists/{id}": of,
        "/products/prices/batches/{id}": many,
        "/products/taxes/positions/{id}": way,
        "/products/families/{id}": family,
        "/products/choices/{id}": choice,
    }


async def of_the_suppliers(day: Day) -> dict[str, object]:
    """Leave two suppliers to show; one has the product's own id, so that a page of both is filled with one id."""
    product = day.shop.products[0].id
    await day.house.db.run(day.shop.scope, add_supplier, product, Supplier("Nordmühle", "EUR", "NM", lead_days=2))
    await sells(day.shop, product, pack_quantity=Decimal(6), cost=Decimal("168.25"))
    hansa = await a_supplier(day.shop, "Hansa", website="www.example.com", email="a@example.com", notes="Two\nlines")
    await sells(day.shop, hansa)
    return {"/products/suppliers/{id": product}


async def of_the_customers(day: Day) -> dict[str, object]:
    """Leave a customer with a twin, an account and store credit, and a gift card."""
    anna, account = await who_may_owe(day.shop)
    await a_customer(day.shop, "Berta", phone="+49 171 2345678", email="berta@example.com", member_card="20420001")
    await a_customer(day.shop, "B. Klein", phone="+49 171 2345678", note="Two\nlines", group="club")
    async with day.shop.db.begin(day.shop.scope) as tx:
        await receive_payment(tx, Use(account, 500, new_id()), day.shop.store, "cash")
    with TemporaryDirectory() as folder:
        card, _code = await a_card(day.shop, await keys_in(Path(folder)))
    return {"/customers/{id": anna, "/gift-cards/{id": card, "/sales/layaways/{layaway": (await kept(day.shop)).id}


async def one_of(day: Day, sql: str) -> UUID:
    async with day.house.db.read(day.shop.scope) as read:
        found: UUID = await read.fetchval(sql)
        return found


async def an_entry(day: Day) -> UUID:
    return await one_of(day, "SELECT id FROM journal_entry WHERE kind = 'sale' LIMIT 1")


async def test_sign_in_the_operators_platform_and_errors_have_no_barriers(day: Day) -> None:
    operator = await day.device()
    operator.bears("status of 404")
    page = await operator.visit("/sign-in")
    wrong = await violations(page)
    await bring_axe(page)
    person, _email, _secret = await enrol_operator(day.house.db, second_factor=True)
    await day.sign_in_quietly(operator, person)
    async with day.house.db.platform() as unit:
        mail = await queue(unit, Mail("olga@shop.example", "Hello", "A mail to look at."))
    news, talk = await an_announcement(day.shop), await a_thread(day.shop, "operator")
    linked = await by_link(day)  # before the bill: with it a plan holds that has no room for all that is linked to
    pages = await pages_among(
        page,
        operator.origin,
        addresses(
            SITE,
            {
                "/platform/mail/{mail}": mail,
                "/platform/businesses/{slug}": day.shop.tenant.slug,
                "/platform/businesses/{slug}/invoices/{invoice": (day.shop.tenant.slug, await a_bill(day.shop)),
                "/platform/switches/{key}": "trial_days",
                "/platform/security/{group}": "refused",
                "/platform/announcements/{announcement": news,
                "/platform/messages/{tenant": (day.shop.tenant.id, talk),
            },
        ),
    )
    assert {"/platform", f"/platform/mail/{mail}"} <= set(pages)
    for path, status in (*((one, 200) for one in (*pages, *linked)), ("/api/v1/docs", 200), ("/nowhere", 404)):
        answer = await page.goto(f"{operator.origin}{path}")
        assert answer is not None
        assert answer.status == status, path
        wrong += await violations(page)
    assert wrong == [], "\n".join(wrong)


async def test_the_till_has_no_barriers_on_any_of_its_screens(day: Day) -> None:
    till, _sale, _shift = await trade(day)
    page = till.page
    wrong = await violations(page)  # the receipt
    await till.tap("Next sale")
    wrong += await violations(page)
    await till.scan(day.shop.products[0])
    await till.has_lines("1 Sourdough loaf 800 g €4.20")
    wrong += await violations(page)
    await page.locator(".charge").click()
    await expect(page.get_by_role("button", name="Complete sale")).to_be_visible()
    wrong += await violations(page)
    await till.tap("Back to cart")
    for name in ("Receipts", "Shift"):
        await till.tap(name)
        await expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()
        wrong += await violations(page)
    await till.tap("Count and close the shift")
    wrong += await violations(page)
    second = await day.at_till(till.device)
    await second.shows("This till is open in another tab")
    wrong += await violations(second.page)
    assert wrong == [], "\n".join(wrong)
