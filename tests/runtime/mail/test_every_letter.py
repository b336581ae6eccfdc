"""Every letter that there is a template for: it reads well as text and as a page, its button where the link belongs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import pytest

from retail.runtime.mail import compose
from retail.runtime.tenancy import TenantFacts
from retail.runtime.web.assets import ROOT

LINK: Final = "https://shop.example/t/corner/billing?token=3f9c1d2b8a7e6f504938271605f4e3d2"
BILL: Final = {"number": "CT-7", "amount": "€12.00"}
FACTS: Final[dict[str, dict[str, Any]]] = {
    "account_notice": {
        "happened": "A passkey was added.",
        "device": "Chrome",
        "address": "",
        "at": "now",
        "wrong": False,
    },
    "audit_head": {"records": 2, "hash": "a3" * 32, "at": "now"},
    "audit_stopped": {"why": "it ends at record 12", "at": "now"},
    "backup_failed": {"why": "pg_dump ended with 1", "at": "now"},
    "billing_ahead": {"link": LINK, "on": "1 May 2026", "trial": True},
    "billing_invoice": {"link": LINK, **BILL, "due": "1 May 2026", "card": ""},
    "billing_paid": {"link": LINK, **BILL},
    "billing_refused": {"link": LINK, **BILL, "reason": "It has expired.", "again": "", "due": ""},
    "billing_renewal": {"link": LINK, "plan": "Pro", "amount": "€79.00", "on": "1 May 2026"},
    "billing_step": {"link": LINK, "now": "It can be read.", "following": "", "on": ""},
    "business_closed": {"link": LINK, "until": "1 May 2026"},
    "business_frozen": {"link": LINK, "reason": "Please write to us."},
    "business_thawed": {"link": LINK, "reason": "All clear."},
    "business_subscription": {"link": LINK, "happened": "The plan is Pro from now on.", "reason": "As agreed."},
    "entry_notice": {"happened": "Networks are limited.", "by": "Olivia", "reason": "", "whose": "", "at": "now"},
    "invitation": {"link": LINK, "inviter": "Olivia", "role": "Manager", "days": 7},
    "notification": {"link": LINK, "sentences": ["Bread is sold out.", "A backup failed."]},
    "password_reset": {"link": LINK, "minutes": 30},
    "receipt": {"link": LINK, "number": "A1-7", "total": "€12.60", "lines": ["2 Bread €8.40"], "days": 365},
    "report": {"link": LINK, "report": "Sales of each day", "form": "PDF"},
    "sign_up": {"link": LINK, "name": "Corner & Co", "known": False, "hours": 24},
}


def test_there_is_no_letter_besides() -> None:
    folder = Path(ROOT / "templates/emails")
    assert {one.stem for one in folder.glob("*.txt")} == set(FACTS)
    assert {one.stem for one in folder.glob("*.html")} == {*FACTS, "_layout"}


@pytest.mark.parametrize("kind", FACTS)
@pytest.mark.parametrize(("locale", "direction"), [("en", "ltr"), ("de_DE", "ltr"), ("ar", "rtl")])
def test_a_letter_reads_well_as_text_and_as_a_page(kind: str, locale: str, direction: str) -> None:
    facts = TenantFacts(
        uuid4(), "corner", "Corner & Co", "", "EUR", locale, "UTC", prices_include_tax=True, cash_unit_minor=1
    )
    letter = compose(kind, "a@shop.example", tenant=facts, **FACTS[kind])
    assert letter.subject.strip() == letter.subject != ""
    assert not re.search(r"\n\s*\n\s*\n", letter.text), "what is left out leaves no hole"
    assert letter.html is not None
    assert f'<html lang="{locale.replace("_", "-")}" dir="{direction}">' in letter.html
    shown = re.findall(r"<p[^>]*>(.*?)</p>", letter.html, re.S)
    buttons = [at for at, part in enumerate(shown) if 'class="action"' in part]
    if "link" not in FACTS[kind]:
        assert (buttons, LINK in letter.text) == ([], False)
        return
    [at] = buttons
    parts = [" ".join(part.split()) for part in letter.text.split("\n\n")]
    assert at == parts.index(LINK) + 1, "the button stands where the text has the address, behind the business's name"
    assert re.search(r">[^<>]+</a>", shown[at])
