"""Whatever people type, wherever they type it: the log holds no card, no e-mail address, no phone, no name."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from urllib.parse import quote

import pytest

from retail.kit.cards import holds_card
from retail.runtime import telemetry
from retail.runtime.db import Database
from tests.support.database import Clone
from tests.support.two_shops import Town, open_town
from tests.tenancy.test_routes_and_walls import ALL_DOORS

CARD = "4111 1111 1111 1111"
EMAIL = "jane.doe+till@customers.example"
PHONE = "+49 151 23456789"
NAME = "Jadwiga Doe-Canary"
PASSWORD = "a canary in the mine"
TYPED = {
    "email": EMAIL, "address": EMAIL, "to": EMAIL, "name": NAME, "customer": f"{NAME} {EMAIL}", "phone": PHONE,
    "note": f"call {PHONE}", "reason": f"{NAME}, {CARD}", "q": EMAIL, "password": PASSWORD, "code": "739104",
    "text": f"{CARD} {PHONE}", "url": f"https://x:{PASSWORD}@example.org/",
}  # fmt: skip
ADDRESS = re.compile(r"[\w.+'-]+(?:@|%40)[\w-]+\.[a-z]{2,}", re.IGNORECASE)
IDS = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b[0-9a-f]{32,64}\b|\bt[0-9a-f]{20}\b")
"""Ids and hashes, whose digits may look like anything by chance."""
PHONES = re.compile(r"\+[1-9][0-9]{0,3}[ ./()-]?(?:[0-9][ ./()-]?){6,12}[0-9]")


@pytest.fixture(scope="module")
async def town(db: Database, clone: Clone) -> AsyncIterator[Town]:
    async with open_town(db, clone.admin_url) as made:
        yield made


@contextmanager
def written(name: str = "") -> Iterator[io.StringIO]:
    """Write the lines of a logger and of those below it as the processes do; of all unless one is named."""
    out, root = io.StringIO(), logging.getLogger(name)
    handler = logging.StreamHandler(out)
    handler.setFormatter(telemetry.JsonLines())
    handler.addFilter(lambda record: not record.name.startswith("httpx"))  # the asking side's own
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        yield out
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


def personal(text: str) -> list[str]:
    """Find what must not stand in a log, line by line: addresses, phones, cards, and the texts that were typed."""
    found = []
    for line in text.splitlines():
        values = json.dumps(
            {name: value for name, value in json.loads(line).items() if name != "ts"}, ensure_ascii=False
        )
        values = IDS.sub("", values)
        typed = [word for word in (NAME, "Jadwiga", PASSWORD, "739104", CARD.replace(" ", "")) if word in values]
        found += typed + ADDRESS.findall(values) + PHONES.findall(values) + ["a card"] * holds_card(values)
    return found


async def test_nothing_that_people_type_anywhere_is_in_the_log(town: Town) -> None:
    base = f"{town.ours.base}/"
    with written() as out:
        for door in sorted(ALL_DOORS, key=lambda one: one.verb != "GET"):
            if door.verb == "WS":
                continue
            path = door.address(town.ours.shop.tenant.slug)
            body = {} if door.verb in {"GET", "DELETE"} else {"json": TYPED} if door.api else {"data": TYPED}
            asked = {"q": EMAIL, "after": CARD, "to": PHONE}
            await town.ours.browser.request(door.verb, path, params=asked, **body)
        visitor = town.site.visitor()
        for typed in (EMAIL, CARD, f"customers/{EMAIL}", f"{EMAIL}/{CARD}"):
            await visitor.get(base + quote(typed), headers={"User-Agent": NAME, "Referer": f"https://x/?{EMAIL}"})
        await visitor.post("/sign-in", data={"email": EMAIL, "password": PASSWORD})
    lines = out.getvalue()
    assert lines.count("\n") > 500
    assert "sign-in refused" in lines
    assert personal(lines) == []


def test_the_scan_has_teeth_and_the_formatter_leaves_out_what_slips_into_a_sentence() -> None:
    said = f"{EMAIL} {CARD} wrote from {PHONE}"
    assert len(personal(json.dumps({"event": said}))) == 3
    assert personal(json.dumps({"ts": "2026-11-21T10:00:00.000+00:00", "event": "request", "ms": 12.5})) == []
    with written("countertop.test") as out:
        try:
            raise ValueError(f"duplicate key (email)=({EMAIL}) for {CARD}")
        except ValueError:
            logging.getLogger("countertop.test").exception("refused %s", quote(EMAIL), extra={"who": EMAIL})
    assert personal(out.getvalue()) == []
    assert out.getvalue(), logging.getLogger().handlers
    assert "…@customers.example" in json.loads(out.getvalue())["error"], "the domain stays"
