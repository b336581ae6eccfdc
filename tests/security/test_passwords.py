"""Passwords don't end by themselves, and nobody is asked for a pet's name."""

from __future__ import annotations

from datetime import timedelta

import asyncpg

from tests.support.database import Clone
from tests.support.web import PASSWORD, Site, enrol
from tests.support.world import Shop


async def test_a_password_is_good_however_old_it_is(site: Site, shop: Shop, clone: Clone) -> None:
    person, email, _secret = await enrol(shop.db, shop.tenant.id, "clerk")
    admin = await asyncpg.connect(clone.admin_url)
    await admin.execute(
        "UPDATE person SET created_at = created_at - $2::interval, password_changed_at = created_at - $2::interval"
        " WHERE id = $1",
        person,
        timedelta(days=3650),
    )
    await admin.close()
    answer = await site.visitor().post("/sign-in", data={"email": email, "password": PASSWORD})
    assert answer.status_code == 303


async def test_nobody_is_asked_a_question(clone: Clone) -> None:
    admin = await asyncpg.connect(clone.admin_url)
    columns = await admin.fetch("SELECT attname FROM pg_attribute WHERE attrelid = 'person'::regclass AND attnum > 0")
    await admin.close()
    names = {row["attname"] for row in columns}
    assert "password_hash" in names
    assert [name for name in names if any(word in name for word in ("hint", "question", "answer"))] == []
