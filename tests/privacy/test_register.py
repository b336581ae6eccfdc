"""The register is true: every column that can hold a text is in it, and what erases and exports goes by it."""

from __future__ import annotations

from pathlib import Path

import asyncpg
import pytest
import yaml

from retail.privacy.register import ACCOUNT, PLACES, REMOVED
from tests.support.database import Clone

REGISTER = yaml.safe_load((Path(__file__).resolve().parents[2] / "docs" / "security" / "personal_data.yml").read_text())
PERSONAL: dict[str, dict[str, str]] = REGISTER["personal"]
OTHERS = {f"{table}.{column}" for table, columns in REGISTER["non_personal"].items() for column in columns}
BUILT_IN = {"migration"}


@pytest.fixture(scope="module")
async def real(clone: Clone) -> set[str]:
    conn = await asyncpg.connect(clone.admin_url)
    rows = await conn.fetch(
        """SELECT c.relname, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
            WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0
              AND NOT a.attisdropped AND NOT c.relispartition
              AND a.atttypid = ANY (ARRAY['text', 'varchar', 'json', 'jsonb', 'inet', 'cidr', 'text[]', 'cidr[]',
                                          'inet[]', 'jsonb[]']::regtype[])"""
    )
    await conn.close()
    return {f"{row['relname']}.{row['attname']}" for row in rows if row["relname"] not in BUILT_IN}


async def test_every_column_of_text_is_in_the_register(real: set[str]) -> None:
    assert real - set(PERSONAL) - OTHERS == set(), "say in docs/security/personal_data.yml what these hold"


async def test_the_register_names_no_column_that_is_not_there(real: set[str]) -> None:
    assert (set(PERSONAL) | OTHERS) - real == set()
    assert set(PERSONAL) & OTHERS == set()


@pytest.mark.parametrize("column", PERSONAL)
def test_each_says_why_on_which_ground_how_long_and_what_erasure_does(column: str) -> None:
    assert set(PERSONAL[column]) == {"purpose", "basis", "retention", "erasure"}
    assert all(PERSONAL[column].values())


def test_what_is_personal_is_erased_and_exported() -> None:
    written = {f"{place.table}.{place.column}" for place in PLACES}
    elsewhere = {"membership.name", "membership.email", "audit_event.actor_name", "audit_event.ip"}
    elsewhere |= {"sale.customer_ref", "tax_exemption.customer_ref"}
    elsewhere |= {f"customer.{name}" for name in ("phone", "phone_digits", "member_card", "sort_name", "search_text")}
    elsewhere |= {f"import_row.{name}" for name in ("cells", "changes", "name")}
    kept = {"consent.subject", "consent.source", "data_export.subject", "network_policy.notes", "device_session.ip"}
    kept |= {"mail_suppression.hint", "business_note.body"}
    for column in PERSONAL:
        table = column.split(".")[0]
        assert column in written | elsewhere | kept or table in ACCOUNT or table in REMOVED, column
    assert written - set(PERSONAL) == {"device_session.person_id"}
