"""Whom to tell of a weakness."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from retail.runtime.db import Database
from tests.support.web import Site, make_site


async def test_the_file_names_a_contact_and_ends_within_a_year(db: Database) -> None:
    site = make_site(db, security_contact="security@app.example", base_domain="app.example")
    answer = await site.visitor().get("/.well-known/security.txt")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    fields = dict(line.split(": ", 1) for line in answer.text.splitlines())
    assert fields["Contact"] == "mailto:security@app.example"
    assert fields["Canonical"] == "https://app.example/.well-known/security.txt"
    ends = datetime.fromisoformat(fields["Expires"])
    assert timedelta(days=100) < ends - datetime.now(UTC) < timedelta(days=366)
    await site.close()


async def test_without_a_contact_there_is_none(site: Site) -> None:
    assert (await site.visitor().get("/.well-known/security.txt")).status_code == 404
