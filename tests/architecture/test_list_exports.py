"""Every list of a business, and of the operator, goes out as a file, or says here why it doesn't."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from retail.automation.exports.lists import LISTS
from retail.automation.routes import AT
from retail.console.routes import SITE

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
# A page with pages, or with a table that its filters narrow, is a list.
LIST = re.compile(r"\bpagination\((?!next=none)|\bfilter_form\(")
MENU = re.compile(r"""\bexport_menu\(\s*"([^"]+)"(?:\s*~\s*\w+\s*~\s*"([^"]+)")?""")
OUTSIDE = {"shared", "emails", "layouts", "receipts", "documents"}
WITHOUT = {
    "automation/reports/sending.html": "the log of one report's mails; that it was sent is on the audit trail",
    "automation/reports/show.html": "goes out by its own buttons, on paper too; the worker makes its files",
    "automation/imports/index.html": "each import has its own report, and what it did is on the audit trail",
    "automation/imports/_rows.html": "the rows of an import go out as its report",
    "comms/announcements/index.html": "of the operator, of no business",
    "comms/announcements/show.html": "of the operator, of no business",
    "comms/messages/index.html": "private to who takes part; what somebody wrote goes out with their own data",
    "comms/news/index.html": "the operator's words; programs read them through the API",
    "comms/notes/index.html": "gone with the shift they were for; leaving and reading them is on the audit trail",
    "comms/operator/index.html": "of the operator, of no business",
    "console/mail/index.html": "who was written to; a file would outlast the 90 days that the page keeps it",
    "console/tenants/_notes.html": "of one business, for operators alone; gone when it is deleted",
    "identity/account/history.html": "a person's own sign-ins, in the export of their own data",
    "identity/account/sessions.html": "a person's own sessions, in the export of their own data",
    "identity/people/show.html": "what one person holds beside a role; giving and taking it is on the audit trail",
    "promotions/coupons.html": "the codes of a series go out as its own file, which is on the audit trail",
    "promotions/index.html": "an offer is a rule and no row: programs read and write it through the API",
    "value/_moves.html": "a part of two pages, which have the menu",
    "stock/overview.html": "figures and a few rows of each list, which go out from their own pages",
    "identity/tokens/index.html": "shown to whoever proved a moment ago who they are; a file would outlast that",
}
OPERATORS = {door.path for door in SITE if door.path.endswith("/export")}


def lists() -> list[str]:
    """Name the templates of lists."""
    found = (path for path in TEMPLATES.rglob("*.html") if path.relative_to(TEMPLATES).parts[0] not in OUTSIDE)
    return sorted(path.relative_to(TEMPLATES).as_posix() for path in found if LIST.search(path.read_text()))


@pytest.mark.parametrize("name", lists())
def test_a_list_goes_out_as_a_file(name: str) -> None:
    menu = MENU.search((TEMPLATES / name).read_text())
    assert (menu is None) == (name in WITHOUT), "a list has an export menu, or a reason in WITHOUT"


def test_no_reason_is_given_for_what_is_no_list() -> None:
    assert set(WITHOUT) <= set(lists())


def test_every_menu_leads_to_a_list_and_every_list_has_one() -> None:
    led: set[str] = set()
    for path in TEMPLATES.rglob("*.html"):
        text = path.read_text()
        if path.name == "exports.html" and path.parent.name == "shared":
            continue
        for before, behind in MENU.findall(text):
            pattern = re.compile(re.escape(before) + (r"\w+" + re.escape(behind) if behind else ""))
            fits = {to for to in {*AT.values(), *OPERATORS} if pattern.fullmatch(to)}
            assert fits, (path.name, before)
            led |= fits
        led |= {to for to in AT.values() if f"'{to}?format=" in text}
    assert led == {*AT.values(), *OPERATORS}
    assert set(AT) == set(LISTS)


def test_a_list_without_a_menu_is_found() -> None:
    planted = "{{ pagination(url(next) if next else none) }}"
    assert LIST.search(planted)
    assert not MENU.search(planted)
