"""No export has what lets somebody in: asked of the catalogue's columns, and of zips in which a canary could stand."""

from __future__ import annotations

import base64
import io
import re
import zipfile
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest
import yaml

from retail.kit.ids import new_id
from retail.life.archive import Beside, make_archive
from retail.privacy.exports import ask_for_data
from retail.privacy.secrets import FOLDED, SECRETS
from retail.runtime.audit_record import PLATFORM
from retail.runtime.tenancy import Scope
from retail.runtime.web.uploads import Shelf
from retail.settings import Settings
from tests.privacy.conftest import Seeded, row_in
from tests.support.database import Clone

REGISTER = yaml.safe_load((Path(__file__).resolve().parents[2] / "docs" / "security" / "personal_data.yml").read_text())
SOUNDS_LIKE_ONE = re.compile(
    r"hash|secret|salt|pin(_|$)|token|nonce|challenge|proof|verif|seal|blind|passw|seed|totp|credential|cipher|(^|_)tag$"
)
OF_A_PERSON = {
    "known_browser": "person_id, browser, since, seen_at) VALUES ($1, $2, now(), now()",
    "password_reset": "token_hash, person_id, created_at, expires_at) VALUES ($2, $1, now(), now()",
    "recovery_code": "person_id, tag, made_at) VALUES ($1, $2, now()",
    "sign_in_attempt": "token_hash, person_id, factors, expires_at) VALUES ($2, $1, '{password}', now()",
    "totp": "person_id, secret, pending_secret, made_at) VALUES ($1, $2, $2, now()",
}


@pytest.fixture
def canary() -> bytes:
    """Give 32 bytes that stand nowhere else."""
    return b"canary" + new_id().hex[-26:].encode()


def holding(content: bytes, canary: bytes) -> set[str]:
    """Name the files of a zip in which the canary stands, however written."""
    written = (canary.decode(), canary.hex(), base64.b64encode(canary).decode())
    return {name for name, text in texts(content).items() for one in written if one in text}


async def columns(clone: Clone) -> dict[str, str]:
    conn = await asyncpg.connect(clone.admin_url)
    rows = await conn.fetch(
        """SELECT c.relname || '.' || a.attname AS name, format_type(a.atttypid, a.atttypmod) AS kind
             FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
            WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0
              AND NOT a.attisdropped AND NOT c.relispartition AND c.relname <> 'migration'"""
    )
    await conn.close()
    return {row["name"]: row["kind"] for row in rows}


async def test_every_column_that_may_be_a_secret_is_said_to_be_one_or_not(clone: Clone) -> None:
    there = await columns(clone)
    asked = {name for name, kind in there.items() if kind == "bytea" or SOUNDS_LIKE_ONE.search(name.split(".")[1])}
    told = set(REGISTER["secrets"]) | set(REGISTER["not_secret"])
    assert asked - told == set(), "say in docs/security/personal_data.yml whether these let somebody in"
    assert told - set(there) == set()
    assert set(REGISTER["secrets"]) & set(REGISTER["not_secret"]) == set()
    assert all(REGISTER["secrets"].values())
    assert all(REGISTER["not_secret"].values())


def test_exports_leave_out_what_the_register_calls_secret() -> None:
    assert set(REGISTER["secrets"]) == SECRETS
    assert set(REGISTER["not_secret"]) >= FOLDED


async def plant(seeded: Seeded, there: dict[str, str], canary: bytes) -> set[str]:
    """Put the canary into a secret column of a row of ours, wherever there can be one; give the columns."""
    admin, shop, planted = seeded.admin, seeded.shop, set()
    async with admin.transaction():
        await admin.execute("SET LOCAL session_replication_role = replica")
        for column in sorted(SECRETS):
            table, name = column.split(".")
            if f"{table}.tenant_id" in there and table != "mail":
                await row_in(seeded, table)
                tag = await admin.execute(
                    f"""UPDATE {table} SET {name} = $2 WHERE ctid = (SELECT max(ctid) FROM {table}
                         WHERE tenant_id = $1)""",
                    shop.tenant.id,
                    canary if there[column] == "bytea" else canary.decode(),
                )
                assert tag == "UPDATE 1", column
                planted.add(column)
    for table, columns in OF_A_PERSON.items():
        await admin.execute(f"INSERT INTO {table} ({columns})", seeded.person, canary)
    await admin.execute("UPDATE session SET token_hash = $2, browser = $2 WHERE person_id = $1", seeded.person, canary)
    await admin.execute("UPDATE person SET password_hash = $2 WHERE id = $1", seeded.person, canary.decode())
    await admin.execute("UPDATE mail SET secret = $2 WHERE recipient = $1", seeded.email, canary.decode())
    await admin.execute(
        """INSERT INTO sign_up (id, email, password_hash, facts, token_hash, created_at, expires_at)
           VALUES (gen_random_uuid(), $1, $2, '{}', $3, now(), now())""",
        seeded.email, canary.decode(), canary,
    )  # fmt: skip
    return planted


def texts(content: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


async def test_a_businesss_archive_has_no_secret(seeded: Seeded, clone: Clone, tmp_path: Path, canary: bytes) -> None:
    there = await columns(clone)
    planted = await plant(seeded, there, canary)
    assert {"pin.sealed", "device_challenge.hash", "oidc_provider.client_secret", "api_token.token_hash"} <= planted
    await seeded.db.run(seeded.shop.scope, ask_for_data, "person", str(seeded.person))
    await seeded.work()
    path, tenant = tmp_path / "business.zip", seeded.shop.tenant.id

    async def tell(_done: int, _total: int) -> None:
        return None

    beside = Beside(Shelf(Settings(data_dir=tmp_path), tenant), seeded.outside)
    await make_archive(seeded.db, Scope.system(tenant), path, beside, tell)
    assert holding(path.read_bytes(), canary) == set()
    told = texts(path.read_bytes())
    heads = {
        f"{name[4:-4]}.{column}"
        for name, text in told.items()
        if name.startswith("csv/")
        for column in text.splitlines()[0].split(",")
    }
    assert {"pin.person_id", "device.public_key", "data_export.subject"} <= heads
    assert heads & (SECRETS | FOLDED) == set()


@pytest.mark.parametrize("own", [True, False])
async def test_a_persons_export_has_no_secret(seeded: Seeded, clone: Clone, canary: bytes, own: bool) -> None:
    there = await columns(clone)
    await plant(seeded, there, canary)
    scope = Scope.system(PLATFORM) if own else seeded.shop.scope
    export: UUID = await seeded.db.run(scope, ask_for_data, "person", str(seeded.person))
    await seeded.work()
    content = await seeded.admin.fetchval("SELECT archive FROM data_export WHERE id = $1", export)
    assert holding(content, canary) == set()
    there_too = {f"json/{table}.json" for table in ("session", "sign_up", "mail", "person", "sign_in_attempt")}
    assert there_too & set(texts(content)) == (there_too if own else set())
