"""A kind that nothing posts is offered to nobody; one that something posts is; and what lies ahead is told in full."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import retail
from retail.kit.ids import new_id
from retail.notifications.kinds import KINDS, OFFERED
from retail.notifications.letters import mail_of
from retail.notifications.queries import notifications
from retail.runtime.notices import post_notice
from tests.support.told import relay
from tests.support.web import Site, enrol, site
from tests.support.world import Shop

__all__ = ["site"]

ROOT = Path(retail.__file__).parent
OWN = {"kinds.py", "words.py"}


def posted_by_the_code() -> set[str]:
    """Give the kinds whose names the code writes down anywhere but in this package's own list and sentences."""
    files = [one for one in ROOT.rglob("*.py") if one.parent != ROOT / "notifications" or one.name not in OWN]
    written = set(re.findall(r'"([a-z_]+)"', "\n".join(one.read_text() for one in files)))
    return written & set(KINDS)


def test_a_kind_is_offered_once_something_posts_it_and_not_before() -> None:
    assert posted_by_the_code() == set(OFFERED)
    assert {"purchase_waits", "forecast_off"} == set(KINDS) - set(OFFERED)


async def test_what_never_comes_has_no_switch_and_no_filter(site: Site, shop: Shop) -> None:
    owner, base = await site.member(shop), f"/t/{shop.tenant.slug}/notices"
    page = (await owner.get(f"{base}/settings")).text
    assert ["backup_failed.app" in page, "purchase_waits" in page, "forecast_off" in page] == [True, False, False]
    listed = (await owner.get(base)).text
    assert ["backup_failed" in listed, "purchase_waits" in listed] == [True, False]


@pytest.mark.parametrize(
    ("kind", "facts", "text"),
    [
        ("purchase_waits", {"number": "PO-7", "supplier": "Mill & Sons", "amount_minor": 12_500},
         "Purchase order PO-7 to Mill & Sons over €125.00 waits for an approval."),
        ("forecast_off", {"sold": "40", "expected": "12.5"},
         "{product} sold 40 in {store}, and the forecast was 12.5."),
    ],
)  # fmt: skip
async def test_what_lies_ahead_needs_nothing_but_the_notice(shop: Shop, kind: str, facts: Any, text: str) -> None:
    person, email, _secret = await enrol(shop.db, shop.tenant.id, "owner")
    subject = shop.products[0].id if kind == "forecast_off" else new_id()
    async with shop.db.begin(shop.scope) as tx:
        await post_notice(tx, kind, subject=subject, store=shop.store, key="once", **facts)
        await post_notice(tx, kind, subject=subject, store=shop.store, key="once", **facts)
    await relay(shop)
    async with shop.db.read(shop.scope) as read:
        [one] = (await notifications(read, person, limit=5)).items
    assert one.kind == kind
    letter = mail_of(shop.tenant, email, [one], 5)
    assert text.format(product=one.product_name, store=one.store_name) in letter.text
