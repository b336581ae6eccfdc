"""Secrets stay out of logs and card numbers out of everything; whatever users type stays one line of JSON."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import FormData

from retail.kit.cards import holds_card, without_cards
from retail.runtime import telemetry
from retail.runtime.web.forms import Fields
from tests.support.database import Clone
from tests.support.selling import open_counter
from tests.support.web import PASSWORD, Site, add_app, code_of, enrol
from tests.support.world import Shop

CARDS = ["4111111111111111", "5555555555554444", "378282246310005", "6011111111111117", "3530111333300000",
         "6759649826438453", "2223000048400011"]  # fmt: skip
WRITTEN = ["{}", "card {} thanks", "{}.", "({})"]


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """Log as a process does, down to the last detail, into memory."""
    root, stream = logging.getLogger(), io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(telemetry.JsonLines())
    handler.addFilter(lambda record: not record.name.startswith(("httpx", "httpcore")))  # the test's own browser
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


async def test_no_canary_reaches_the_log(site: Site, shop: Shop, lines: io.StringIO) -> None:
    person, email, session = await enrol(site.db, shop.tenant.id, "owner")
    async with site.db.platform() as unit:
        secret = await add_app(unit, person)
    code = code_of(secret, site.db.clock.now())
    visitor, owner = site.visitor(), site.visitor(session)
    wrong, card, pin = "canary-password-0815", CARDS[0], "739154"
    base = f"/t/{shop.tenant.slug}"
    await visitor.post("/sign-in", data={"email": email, "password": wrong})
    await visitor.post("/sign-in", data={"email": email, "password": PASSWORD})
    await visitor.post("/sign-in/second", data={"code": code})
    await visitor.post("/api/v1/auth/token", json={"email": email, "password": PASSWORD, "otp": "000000"})
    await visitor.get(f"{base}/api/v1/me", headers={"Authorization": "Bearer ct_canarycanarycanarycanary"})
    await visitor.get("/invitation?token=canary-link-secret")
    await visitor.get("/password/reset?token=canary-link-secret")
    await owner.get(f"{base}/products?q={card}")
    await owner.post(f"{base}/products", data={"name": card, "sku": "x", "password": wrong})
    await owner.put(f"{base}/api/v1/device/pin", json={"person": str(person), "pin": pin, "chosen": pin})
    await owner.post(f"{base}/api/v1/sales", json={"id": card, "secret": wrong})
    await visitor.post(
        "/csp-reports", json={"csp-report": {"document-uri": "https://shop.test/x?token=canary-link-secret"}}
    )
    logging.getLogger("test").warning("paid with %s", card, extra={"pin": pin, "note": card})
    told = lines.getvalue()
    assert len(told.splitlines()) > 10
    for canary in (wrong, PASSWORD, code, session, "canarycanary", "canary-link-secret", card, pin, secret.hex()):
        assert canary not in told, canary


async def test_every_line_has_the_shape_that_is_promised(site: Site, shop: Shop, lines: io.StringIO) -> None:
    owner = await site.member(shop)
    await owner.get(f"/t/{shop.tenant.slug}/products")
    await site.visitor().get("/nowhere")
    for line in lines.getvalue().splitlines():
        told = json.loads(line)
        assert {"ts", "level", "logger", "event"} <= set(told)
        assert told["level"] in {"debug", "info", "warning", "error", "critical"}
        assert datetime.fromisoformat(told["ts"]).utcoffset().total_seconds() == 0  # type: ignore[union-attr]
        assert isinstance(told["event"], str)
        if told["logger"] == "countertop.access":
            assert {"request_id", "method", "path", "route", "status", "ms", "ip", "tenant", "person"} <= set(told)
            assert "?" not in told["path"]


NASTY = ["a\r\nFAKE", "a\n{\"level\":\"info\"}", "\x1b[2J\x1b[31mred", "\u2028line\u2029paragraph", "\x85next",
         "\x00zero", "\u202eabc", "tab\there"]  # fmt: skip


@pytest.mark.parametrize("typed", NASTY, ids=range(len(NASTY)))
async def test_what_is_typed_stays_on_its_line(site: Site, lines: io.StringIO, typed: str) -> None:
    logging.getLogger("test").warning("said %s", typed, extra={"note": typed})
    agent = typed.encode("utf-8", "replace").replace(b"\r", b"").replace(b"\n", b"").replace(b"\0", b"")
    await site.visitor().get("/nowhere", headers={"User-Agent": agent})  # type: ignore[dict-item]
    for line in lines.getvalue().split("\n")[:-1]:
        assert json.loads(line)
        assert line.isascii()
        assert line.isprintable()


@given(st.text(st.characters(), max_size=60) | st.just("half a pair \ud800"))
def test_any_text_stays_on_its_line(typed: str) -> None:
    record = logging.makeLogRecord({"name": "x", "msg": "%s", "args": (typed,), "levelno": 20, "levelname": "INFO"})
    line = telemetry.JsonLines().format(record)
    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line)


@pytest.mark.parametrize("card", CARDS)
@pytest.mark.parametrize("how", WRITTEN)
@pytest.mark.parametrize("gap", ["", " ", "-"])
def test_a_cards_number_is_found_however_it_is_written(card: str, how: str, gap: str) -> None:
    grouped = gap.join(card[at : at + 4] for at in range(0, len(card), 4))
    text = how.format(grouped)
    assert holds_card(text)
    masked = without_cards(text)
    assert not holds_card(masked)
    assert card[:6] in masked
    assert card[-4:] in masked
    assert masked.count("*") == len(card) - 10


@pytest.mark.parametrize(
    "text",
    [
        "4006381333931", "04006381333931", "4111111111111112", "DE89 3704 0044 0532 0130 00", "+49 30 901820 123",
        "2026-11-20 12:31:07", "01a1fbca-34e1-75fe-ae06-c03000000000", "12345678901234567890123", "1234567890123456",
        "411111******1111", "", "4111 1111", "0.4111111111111111111111",
    ],
)  # fmt: skip
def test_what_is_no_cards_number_stays_as_it_is(text: str) -> None:
    assert without_cards(text) == text


def test_a_form_refuses_it_and_shows_it_masked() -> None:
    fields = Fields(FormData([("note", "paid with 4111 1111 1111 1111"), ("name", "Olga")]))
    assert fields.text("note") == "paid with 411111******1111"
    assert list(fields.errors) == ["note"]
    assert fields.values == {"note": "paid with 411111******1111", "name": "Olga"}


@pytest.mark.parametrize("card", CARDS[:3])
async def test_programs_are_refused_and_nothing_is_stored(site: Site, shop: Shop, card: str) -> None:
    owner = await site.member(shop)
    path = f"/t/{shop.tenant.slug}/api/v1/tills/{shop.till}/claims"
    for body in ({"label": card}, {card: "x"}, {"a": [{"b": f"card {card}"}]}):
        answer = await owner.post(path, json=body)
        assert (answer.status_code, answer.json()["code"]) == (422, "card_number")
        assert card not in answer.text
    assert (await owner.post(path, json={"label": int(card)})).json()["code"] != "card_number"


async def test_a_paid_sale_is_stored_with_the_number_masked(site: Site, shop: Shop, clone: Clone) -> None:
    owner, counter, card = await site.member(shop), await open_counter(shop), CARDS[0]
    sale: dict[str, Any] = counter.sale()
    sale["tenders"] = [sale["tenders"][0] | {"type": "card", "reference": f"Visa {card}"}]
    sale["lines"][0] |= {"name": f"Gift for {card}", "product": None}
    sent = await owner.post(f"/t/{shop.tenant.slug}/api/v1/sales", json=sale)
    assert sent.status_code == 201
    assert card not in sent.text
    admin = await asyncpg.connect(clone.admin_url)
    tables = await admin.fetch(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
    )
    found = [
        name
        for (name,) in tables
        if await admin.fetchval(f'SELECT true FROM "{name}" t WHERE t::text LIKE $1 LIMIT 1', f"%{card}%")
    ]
    reference = await admin.fetchval("SELECT reference FROM tender WHERE sale_id = $1::text::uuid", sale["id"])
    await admin.close()
    assert found == []
    assert reference == "Visa 411111******1111"


def test_no_field_of_the_api_asks_for_a_card(site: Site) -> None:
    from retail.api import create_api

    described = create_api().openapi()
    names = {name for schema in described["components"]["schemas"].values() for name in schema.get("properties", {})}
    assert not names & {"pan", "card_number", "cvv", "cvc", "track2", "expiry"}
    assert len(names) > 50
