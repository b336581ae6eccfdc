"""The overview of security: counted once, while records are sealed, with ways into the trail."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from retail.audit import watched
from retail.audit.action_words import action_words
from retail.audit.anchors import Anchors, Outside
from retail.audit.operations import note, platform_scope
from retail.audit.sealing import Sealer
from retail.audit.watched import COUNTED, GROUPS, Count, Group, total
from retail.kit.ids import new_id
from retail.runtime.audit_record import PLATFORM
from retail.runtime.db import Database, Tx
from retail.runtime.keys import Keyring
from retail.runtime.tenancy import Actor, Scope
from retail.runtime.upkeep import forget_counts
from retail.settings import Settings
from tests.support.looks import an_operator
from tests.support.web import Site, enrol
from tests.support.world import Shop


def test_every_action_has_words_and_is_in_one_group() -> None:
    listed = [action for group in GROUPS for action in group.actions]
    assert sorted(listed) == sorted(COUNTED)
    assert [action for action in listed if action_words(action).startswith(action.partition(".")[0] + ": ")] == []


def test_what_stands_on_both_chains_is_counted_on_one() -> None:
    found = {("a.b", True): Count(1, 2, 3), ("a.b", False): Count(10, 20, 30), ("c.d", True): Count(5, 5, 5)}
    assert total(found, Group("x", "X", ("a.b",), "platform")) == Count(1, 2, 3)
    assert total(found, Group("x", "X", ("a.b",), "business")) == Count(10, 20, 30)
    assert total(found, Group("x", "X", ("a.b", "c.d"), "both")) == Count(16, 27, 38)
    assert total(found, Group("x", "X", ("a.b", "c.d"), "both"), "c.d") == Count(5, 5, 5)


async def blocked(db: Database) -> Count:
    async with db.platform() as unit:
        return total(await watched.counts(unit), watched.group_of("blocked"))


async def test_records_are_counted_once_when_they_are_sealed(site: Site, shop: Shop, tmp_path: Path) -> None:
    keyring = Keyring.open(Settings(environment="test", data_dir=tmp_path), {})
    sealer = Sealer(site.db, Outside(keyring, Anchors(tmp_path / "anchors")))
    before = await blocked(site.db)
    for _number in range(3):
        await note(site.db, shop.scope, "device.revoked", "device", new_id())
    await note(site.db, shop.scope, "product.put", "product", new_id())
    assert await blocked(site.db) == before
    while await sealer.seal(shop.tenant.id):
        pass
    assert await sealer.seal(shop.tenant.id) == 0
    assert await blocked(site.db) == before + Count(3, 3, 3)
    browser = (await an_operator(site)).browser
    shown = (await browser.get("/platform/security/blocked")).text
    assert f"/platform/businesses/{shop.tenant.slug}" in shown
    assert (await browser.get("/platform/security/nonsense")).status_code == 404


async def test_the_periods_are_kept_apart_and_old_counts_are_forgotten(site: Site, shop: Shop) -> None:
    before = await blocked(site.db)
    async with site.db.begin(shop.scope) as tx:
        for days in (0, 3, 20):
            await note_at(tx, days)
    assert await blocked(site.db) == before + Count(1, 2, 3)

    async with site.db.begin(Scope.system(shop.tenant.id)) as tx:
        tx.now += timedelta(days=15)
        await forget_counts(tx)
    assert await blocked(site.db) == before + Count(1, 2, 2)


async def note_at(tx: Tx, days: int) -> None:
    """Count a record that was made so many days ago."""
    id = new_id()
    tx.now -= timedelta(days=days)
    tx.audit("device.revoked", "device", id)
    await tx.flush()
    tx.now += timedelta(days=days)
    await tx.execute(
        """SELECT auth_count_security(array_agg(e.id), $3) FROM audit_event e
            WHERE e.tenant_id = $1 AND e.subject_id = $2""",
        tx.tenant,
        id,
        sorted(COUNTED),
    )


async def test_the_page_leads_into_the_platforms_trail(site: Site, shop: Shop) -> None:
    looker = await an_operator(site)
    acting = platform_scope(Actor("person", looker.person, "Otto Operator"))
    await note(site.db, acting, "person.disabled", "person", new_id(), reason="x")
    async with site.db.begin(Scope.system(PLATFORM)) as tx:
        rows = await tx.fetch(
            "SELECT id FROM audit_event WHERE tenant_id = $1 AND action = 'person.disabled' ORDER BY id DESC LIMIT 1",
            tx.tenant,
        )
        await tx.execute("SELECT auth_count_security($1, $2)", [row["id"] for row in rows], sorted(COUNTED))
    listed = (await looker.browser.get("/platform/security")).text
    assert all(f"/platform/security/{group.key}" in listed for group in GROUPS)
    shown = (await looker.browser.get("/platform/security/frozen")).text
    link = shown.split('href="/platform/audit?action=person.disabled')[1].split('"')[0].replace("&amp;", "&")
    trail = await looker.browser.get(f"/platform/audit?action=person.disabled{link}")
    assert (trail.status_code, "Otto Operator" in trail.text) == (200, True)
    _, _, owner = await enrol(site.db, shop.tenant.id, "owner")
    for path in ("/platform/security", "/platform/security/frozen"):
        assert (await site.visitor(owner).get(path)).status_code == 403


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.key)
async def test_every_group_has_its_page(site: Site, group: Group) -> None:
    assert (await (await an_operator(site)).browser.get(f"/platform/security/{group.key}")).status_code == 200
