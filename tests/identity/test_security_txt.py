"""Whom to tell of a weakness."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from retail.cli.notes import notes
from retail.runtime.db import Database
from retail.settings import Settings
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


@pytest.mark.parametrize(
    ("sender", "contact"),
    [
        ("Shop <hello@shop.example>", "hello@shop.example"),
        ("Shop <no-reply@shop.example>", ""),
        ("noreply@shop.example", ""),
        ("Shop <do_not_reply@shop.example>", ""),
        ("Shop <donotreply@shop.example>", ""),
        ("Countertop <hello@localhost>", ""),
        (Settings().mail_from, ""),
    ],
)
def test_without_one_it_is_whoever_reads_the_address_that_mail_is_from(sender: str, contact: str) -> None:
    assert Settings(mail_from=sender).contact == contact
    assert Settings(mail_from=sender, security_contact="https://shop.example/report").contact.startswith("https://")
    said = [note for note in notes(Settings(mail_from=sender)) if "SECURITY_CONTACT" in note]
    assert bool(said) == (not contact)


async def test_the_sender_of_mail_is_named_in_the_file(db: Database) -> None:
    site = make_site(db, mail_from="Shop <hello@shop.example>")
    answer = await site.visitor().get("/.well-known/security.txt")
    assert answer.text.startswith("Contact: mailto:hello@shop.example\n")
    await site.close()


async def test_without_a_contact_there_is_none(site: Site) -> None:
    assert (await site.visitor().get("/.well-known/security.txt")).status_code == 404
