"""A shop in which one person has left their name everywhere that the register knows, and what is needed to look."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from retail.audit import anchors
from retail.audit.anchors import Anchors, Outside
from retail.audit.operations import note, platform_scope
from retail.audit.sealing import Sealer
from retail.audit.verification import Verification, verify_chain
from retail.cash import open_shift
from retail.identity.operations import NewMember, add_member
from retail.identity.permissions import ROLES
from retail.identity.tokens import issue_pair
from retail.kit.ids import new_id
from retail.privacy.register import PLACES, REMOVED, Place
from retail.runtime.audit_record import PLATFORM
from retail.runtime.db import Database
from retail.runtime.keys import Keyring
from retail.runtime.mail import Mail, queue
from retail.runtime.tenancy import Actor, Scope
from retail.settings import Settings
from retail.stock import Move, move
from tests.support.database import Clone, of_its_own
from tests.support.selling import Counter
from tests.support.web import PASSWORD_HASH, session, site
from tests.support.working import work_off
from tests.support.world import Shop

__all__ = ["site"]

LIST = "(SELECT id FROM price_list WHERE tenant_id = $1)"
OFFER = "(SELECT id FROM offer WHERE tenant_id = $1)"
FIRST_TAX = "(SELECT id FROM tax_class WHERE tenant_id = $1 ORDER BY code LIMIT 1)"
LAST_TAX = "(SELECT id FROM tax_class WHERE tenant_id = $1 ORDER BY code DESC LIMIT 1)"
OTHERWISE: dict[str, dict[str, str]] = {
    "approval": {
        "permission": "'refund'", "act_hash": "repeat('a', 64)", "state": "'granted'", "how": "'phone'",
        "expires_at": "now() + interval '5 minutes'", "used_for": "NULL", "used_at": "NULL",
    },
    "product_month": {"month": "'2026-11-01'"},
    "notification_choice": {"kind": "'stock_low'", "channel": "'app'"},
    "delivery": {"channel": "'push'", "done_at": "NULL", "outcome": "NULL"},
    "notification_habit": {
        "quiet_from": "NULL", "quiet_until": "NULL", "digest_at": "NULL", "phone": "'+4915112345678'",
    },
    "push_subscription": {
        "endpoint": "'https://push.example/x'", "p256dh": "repeat('B', 87)", "auth": "repeat('A', 22)",
    },
    "stock_count": {"kind": "'full'", "uncounted": "'keep'", "cancelled_at": "NULL", "category_id": "NULL"},
    "stock_count_entry": {"mode": "'set'"},
    "stock_revaluation": {"cause": "'fold'", "move_id": "NULL", "unit_cost": "NULL"},
    "barcode_layout": {"pattern": "'21IIIIIWWWWWC'"},
    "code_rule": {"own_prefix": "'29'"},
    "sku_series": {"letters": "'GR'"},
    "waste_reason": {"purpose": "'waste'", "archived_at": "NULL"},
    "waste": {"reason_id": "(SELECT id FROM waste_reason WHERE tenant_id = $1)"},
    "payment_attempt": {"type": "'card'", "terminal": "'simulator'", "amount_minor": "5", "tip_minor": "0"},
    "payment_step": {"outcome": "'approved'", "source": "'terminal'"},
    "tender": {"currency": "NULL", "foreign_minor": "NULL", "rate_billionths": "NULL"},
    "till_claim": {"away_since": "NULL", "back_at": "NULL"},
    "return_note": {"basis": "'none'"},
    "held_sale": {
        "recalled_till_id": "(SELECT id FROM till WHERE tenant_id = $1 LIMIT 1)", "recalled_at": "now()",
        "ended_at": "NULL", "ended_how": "NULL",
    },
    "layaway": {
        "ended_at": "now()", "ended_how": "'fetched'", "ended_by_name": "'x'", "fee_minor": "0",
        "customer_id": "(SELECT id FROM customer WHERE tenant_id = $1 LIMIT 1)",
    },
    "voided": {"kind": "'line'", "void_id": "NULL"},
    "receipt_copy": {"how": "'paper'"},
    "till_journal": {"prev_hash": "repeat('0', 64)", "hash": "repeat('1', 64)", "status": "'created'"},
    "device": {"public_key": "decode(repeat('04', 65), 'hex')"},
    "z_report": {"variance_minor": "0", "denominations": "'{}'", "left_minor": "NULL"},
    "till_seal": {"prev_hash": "repeat('0', 64)", "hash": "repeat('1', 64)"},
    "variance_acceptance": {"cause": "'other'"},
    "risk_act": {"kind": "'void'", "gap_ms": "NULL"},
    "risk_alert": {"kind": "'void'", "outcome": "'alert'"},
    "unusual_day": {"hour": "1", "severity": "'low'"},
    "unusual_verdict": {"verdict": "'confirmed'", "unusual_id": "(SELECT id FROM unusual_day WHERE tenant_id = $1)"},
    "cashier_score": {"measure": "'void'"},
    "cashier_habit": {"measure": "'refund'", "chance": "0.01"},
    "sale_risk": {"points": "12", "level": "'low'", "alert_id": "NULL"},
    "store_custom": {"hours": "array_fill(0::bigint, ARRAY[24])"},
    "risk_reason": {"measure": "'void'", "alert_id": "(SELECT id FROM risk_alert WHERE tenant_id = $1)"},
    "risk_verdict": {"verdict": "'confirmed'", "alert_id": "(SELECT id FROM risk_alert WHERE tenant_id = $1)"},
    "factor_reset": {"refused_at": "NULL", "done_at": "NULL"},
    "invitation": {"email": "'x@x.example'", "withdrawn_at": "NULL", "accepted_at": "NULL"},
    "cash_move": {"kind": "'pay_in'"},
    "sync_exception": {"resolved_at": "now()", "resolved_by": "'x'", "resolution": "'x'"},
    "tenant_closing": {"reopened_at": "now()"},
    "role_grant": {"role_key": "'clerk'", "ends_at": "NULL", "revoked_at": "now()", "revoked_by_name": "'x'"},
    "price_change": {
        "undone_at": "NULL", "source": "'bulk'", "batch_id": "(SELECT id FROM price_batch WHERE tenant_id = $1)",
        "list_id": "NULL",
    },
    "price_batch": {
        "list_id": "NULL", "rule": """'{"kind": "percent", "value": 500, "ending": null}'""",
        "narrowing": """'{"text": "", "category": null, "tag": "", "ids": []}'""",
    },
    "currency_rate": {"currency": "'CHF'"},
    "price_list": {"currency": "'EUR'", "from_minute": "NULL", "to_minute": "NULL", "priority": "0"},
    "price_list_store": {"list_id": LIST},
    "list_price": {"list_id": LIST},
    "store_price": {"list_id": LIST},
    "tax_rate": {"tax_class_id": FIRST_TAX, "parts": "'[]'"},
    "tax_component": {"tax_class_id": FIRST_TAX},
    "fiscal_mapping": {
        "position_id": "(SELECT id FROM fiscal_position WHERE tenant_id = $1)",
        "from_class_id": FIRST_TAX, "to_class_id": LAST_TAX,
    },
    "tax_exemption": {"tax_class_id": "NULL"},
    "family": {"options": "'{Size}'"},
    "bulk_change": {"act": "'archive'", "state": "'done'", "undoes": "NULL"},
    "bulk_change_row": {
        "change_id": "(SELECT id FROM bulk_change WHERE tenant_id = $1)", "outcome": "'passed'", "before": "NULL",
        "version": "NULL",
    },
    "saved_view": {"list": "'products'"},
    "report": {"base": "'figures'"},
    "report_schedule": {
        "every": "'day'", "day": "1", "forms": "'{pdf}'", "people": "ARRAY[gen_random_uuid()]", "version": "1",
    },
    "report_delivery": {"form": "'pdf'", "state": "'sent'"},
    "supplier": {"currency": "'EUR'", "archived_at": "NULL"},
    "customer": {
        "member_card": "NULL", "price_group": "NULL", "merged_into": "NULL", "erased_at": "NULL",
        "phone_digits": "''",
    },
    "value_account": {
        "kind": "'gift_card'", "customer_id": "NULL", "last_four": "'1234'", "balance_minor": "0",
    },
    "value_move": {
        "account_id": "(SELECT id FROM value_account WHERE tenant_id = $1 LIMIT 1)", "cause": "'loaded'",
        "amount_minor": "1",
    },
    "search_word": {"word": "'xxxx'"},
    "import_run": {
        "kind": "'products'", "form": "'csv'", "match_by": "'sku'", "stage": "'done'", "header": "'{sku}'",
    },
    "import_row": {"state": "'new'", "cells": "'[]'", "changes": "'[]'", "reasons": "'[]'"},
    "export_run": {"form": "'csv'", "stores": "NULL"},
    "product_image": {"name": "repeat('a', 32)"},
    "journal_entry": {"currency": "'EUR'"},
    "audit_head": {"signature": "decode(repeat('ab', 64), 'hex')"},
    "consent": {"subject_kind": "'customer'"},
    "data_export": {"subject_kind": "'customer'"},
    "erasure": {"subject_kind": "'customer'"},
    "sign_in_policy": {"second_factor": "'off'"},
    "location": {"kind": "'storage'"},
    "place_move": {"from_location_id": "NULL", "to_location_id": "(SELECT id FROM location WHERE tenant_id = $1)"},
    "lot_move": {"lot_id": "(SELECT id FROM lot WHERE tenant_id = $1)", "move_id": "NULL"},
    "serial_event": {"serial_id": "(SELECT id FROM serial WHERE tenant_id = $1)"},
    "reservation": {"released_at": "NULL", "ending": "NULL"},
    "traced": {"tracking": "'lot'"},
    "scarce": {"shared_by": "'hand'"},
    "serial": {"state": "'sold'"},
    "transfer": {"state": "'draft'", "received_at": "NULL"},
    "transfer_line": {"decision": "NULL"},
    "transfer_event": {"what": "'sent'", "transfer_id": "(SELECT id FROM transfer WHERE tenant_id = $1)"},
    "offer": {
        "kind": "'percent'", "state": "'draft'", "priority": "0", "store_ids": "NULL", "customer_groups": "NULL",
        "starts_at": "NULL", "ends_at": "NULL", "windows": "'[]'",
    },
    "offer_version": {"offer_id": OFFER},
    "coupon_series": {"offer_id": OFFER, "kind": "'made'", "prefix": "'XX'"},
    "coupon_code": {"series_id": "(SELECT id FROM coupon_series WHERE tenant_id = $1)", "code": "'XXX'"},
    "coupon_use": {"code_id": "(SELECT id FROM coupon_code WHERE tenant_id = $1)"},
    "sale_offer": {"offer_id": OFFER},
    "offer_trial": {"offer_id": OFFER, "state": "'done'"},
    "thread": {"kind": "'team'"},
    "thread_party": {"kind": "'person'", "thread_id": "(SELECT id FROM thread WHERE tenant_id = $1 LIMIT 1)"},
    "thread_mark": {"thread_id": "(SELECT id FROM thread WHERE tenant_id = $1 LIMIT 1)"},
    "shift_note_reading": {"note_id": "(SELECT id FROM shift_note WHERE tenant_id = $1 LIMIT 1)"},
    "thread_message": {"author_kind": "'person'", "thread_id": "(SELECT id FROM thread WHERE tenant_id = $1 LIMIT 1)"},
    "thread_file": {
        "media_type": "'text/plain'", "bytes": "1", "stored": "repeat('a', 32)",
        "message_id": "(SELECT id FROM thread_message WHERE tenant_id = $1 LIMIT 1)",
    },
    "shift_note": {"for_till": "NULL", "withdrawn_at": "NULL"},
    "subscription": {
        "plan": "'pro'", "cycle": "'month'", "next_plan": "NULL", "next_cycle": "NULL", "country": "'DE'",
        "period_first": "NULL", "period_end": "NULL", "anchor_day": "1", "coupon": "NULL",
    },
    "billing_invoice": {
        "number": "'2026-' || (900000 + (random() * 99999)::int)", "reason": "'first'", "currency": "'EUR'",
        "net_minor": "0", "tax_minor": "0", "total_minor": "0", "tax_kind": "'domestic'",
    },
    "billing_payment": {
        "kind": "'transfer'", "invoice_id": "(SELECT id FROM billing_invoice WHERE tenant_id = $1 LIMIT 1)",
    },
    "billing_card": {"expires": "'2030-01'"},
    "billing_charge": {
        "outcome": "'paid'", "invoice_id": "(SELECT id FROM billing_invoice WHERE tenant_id = $1 LIMIT 1)",
    },
    "tally": {"kind": "'store'"},
    "also_bought": {
        "place": "1", "product_id": "(SELECT id FROM product WHERE tenant_id = $1 ORDER BY id LIMIT 1)",
        "neighbour_id": "(SELECT id FROM product WHERE tenant_id = $1 ORDER BY id DESC LIMIT 1)",
    },
    "also_bought_state": {"method": "'ease'"},
    "customer_standing": {
        "segment": "'vip'", "recency": "1", "frequency": "1", "money": "1", "risk_permille": "0",
        "next_on": "now() + interval '1 day'",
    },
    "segment_flow": {"month": "date_trunc('month', now())", "was": "''", "became": "'vip'"},
    "segment_move": {"was": "'new'", "became": "'vip'"},
    "segment_state": {"standing": "'ready'", "value_method": "'last'", "model": "NULL"},
    "segment_total": {"segment": "'vip'"},
    "segment_cohort": {"first_month": "date_trunc('month', now())", "later": "0"},
    "segment_rhythm": {"weekday": "1", "hour": "1"},
    "forecast_series": {
        "level": "'total'", "measure": "'units'", "rung": "'new'", "likely": "ARRAY[1]", "low": "NULL", "high": "NULL",
    },
    "forecast_scenario": {
        "level": "'total'", "measure": "'units'", "plain": "ARRAY[1]", "likely": "ARRAY[1]", "low": "NULL",
        "high": "NULL",
    },
    "forecast_response": {"elasticity": "-1", "spread": "1"},
    "demand_ahead": {
        "abc": "'A'", "keeps_days": "NULL", "expected": "array_fill(1::bigint, ARRAY[60])",
        "middle": "array_fill(1::bigint, ARRAY[60])", "spread": "array_fill(1, ARRAY[11, 18])",
    },
    "forecast_model": {"level": "'total'", "measure": "'units'", "better_in": "0", "drift": "''"},
    "forecast_past": {
        "level": "'total'", "measure": "'units'", "likely": "array_fill(1::bigint, ARRAY[28])", "low": "NULL",
        "high": "NULL", "naive": "array_fill(1::bigint, ARRAY[28])",
    },
    "never_together": {"other_id": "NULL"},
    "token_scope": {"permissions": "'{sell}'", "stores": "NULL"},
}  # fmt: skip
PARENTS = {
    "layaway": "customer",
    "place_move": "location", "lot_move": "lot", "serial_event": "serial", "transfer_event": "transfer",
    "waste": "waste_reason", "price_change": "price_batch", "price_list_store": "price_list",
    "list_price": "price_list", "store_price": "price_list", "fiscal_mapping": "fiscal_position",
    "bulk_change_row": "bulk_change", "offer_version": "offer", "coupon_series": "offer", "sale_offer": "offer",
    "coupon_code": "coupon_series", "coupon_use": "coupon_code", "offer_trial": "offer",
    "value_move": "value_account", "thread_message": "thread", "thread_file": "thread_message",
    "risk_verdict": "risk_alert", "report_schedule": "report", "report_delivery": "report_schedule",
    "risk_reason": "risk_alert", "unusual_verdict": "unusual_day",
    "billing_payment": "billing_invoice", "billing_charge": "billing_invoice",
}  # fmt: skip
BY_TYPE = {
    "text": "'x'", "uuid": "gen_random_uuid()", "timestamp with time zone": "now()", "jsonb": "'{}'", "date": "now()",
    "boolean": "false", "bytea": "decode(repeat('ab', 32), 'hex')", "text[]": "'{}'", "uuid[]": "'{}'",
    "cidr[]": "'{}'", "date[]": "'{}'", "bigint[]": "'{}'",
}  # fmt: skip


@dataclass
class Seeded:
    """Somebody whose name and address stand wherever they can stand."""

    db: Database
    admin: asyncpg.Connection
    shop: Shop
    person: UUID
    member: UUID
    name: str
    email: str
    secret: str
    outside: Outside
    shift: UUID
    device: UUID
    ip: str
    sale: UUID | None = None

    @property
    def canaries(self) -> list[str]:
        return [self.name, self.email, self.ip]

    async def work(self) -> None:
        """Run every job that is due, of this shop and of the platform, until none is."""
        await work_off(self.db, self.shop.tenant.id, PLATFORM)

    async def found(self, *needles: str) -> dict[str, int]:
        """Look through every row of every table, past every wall, as text."""
        tables = await self.admin.fetch(
            """SELECT relname FROM pg_class
                WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition"""
        )
        hits = {}
        for (table,) in tables:  # each row is written out once, for all needles; bytes are written in hex
            rows = await self.admin.fetch(
                f"""SELECT needle, count(*) FROM (SELECT t::text AS said FROM {table} t OFFSET 0) AS all_rows,
                           unnest($1::text[]) AS needle
                     WHERE position(needle in said) > 0
                        OR position(encode(convert_to(needle, 'UTF8'), 'hex') in said) > 0
                     GROUP BY needle""",
                needles,
            )
            hits |= {f"{table}: {needle}": count for needle, count in rows}
        return hits

    async def seal(self) -> Verification:
        sealer = Sealer(self.db, self.outside)
        while await sealer.seal(self.shop.tenant.id):
            continue
        async with self.db.read(Scope.system(self.shop.tenant.id)) as read:
            return await verify_chain(read, self.outside)


@pytest.fixture(scope="session")
async def clone() -> AsyncIterator[Clone]:
    """Give a database that only these tests use: they look through every row that there is."""
    async with of_its_own() as made:
        yield made


@pytest.fixture(scope="session")
async def db(clone: Clone) -> AsyncIterator[Database]:
    """Give that database as the application's role sees it."""
    opened = await Database.connect(clone.app_url, size=20, reports_url=clone.report_url)
    yield opened
    await opened.close()


@pytest.fixture
async def seeded(db: Database, shop: Shop, clone: Clone, tmp_path: Path) -> AsyncIterator[Seeded]:
    """Give a shop with somebody seeded into it."""
    async with seed(db, shop, clone.admin_url, tmp_path) as found:
        yield found


@asynccontextmanager
async def seed(db: Database, shop: Shop, admin_url: str, folder: Path) -> AsyncIterator[Seeded]:
    """Seed somebody into a shop; what is outside of the database is in the folder, for this process's jobs too."""
    mark = new_id().hex[-8:]
    name, email = f"Canaria Feather {mark}", f"canary-{mark}@feather.example"
    ip = f"2001:db8::{mark[:4]}:{mark[4:]}"
    new = NewMember(email, name, "manager", PASSWORD_HASH)
    member = await db.run(Scope.system(shop.tenant.id), add_member, new)
    person = member.person_id
    scope = Scope(shop.tenant.id, Actor("person", person, name), ROLES["manager"], "manager", ip=ip)
    outside = Outside(Keyring.open(Settings(environment="test", data_dir=folder), {}), Anchors(folder / "anchors"))
    admin = await asyncpg.connect(admin_url)
    secret = await session(db, person)
    found = Seeded(db, admin, shop, person, member.id, name, email, secret, outside, new_id(), new_id(), ip)
    await act(found, scope)
    await plant(found)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(anchors, "_of_process", [outside])
        try:
            yield found
        finally:
            await admin.close()


async def act(seeded: Seeded, scope: Scope) -> None:
    """Do what people do in a shop."""
    shop, db = seeded.shop, seeded.db
    await db.run(scope, open_shift, seeded.shift, shop.till, 10_000, (await _now(db)))
    counter = Counter(shop, shop.till, seeded.shift)
    seeded.sale = (await counter.send(counter.sale(shop.products[0]), scope=scope))[0].id
    goods = Move(
        new_id(), shop.store, shop.products[0].id, "adjustment", Decimal(3), Decimal(1), "found", None, await _now(db)
    )
    await db.run(scope, move, [goods])
    await db.run(scope, issue_pair, seeded.person, seeded.name, "manager")
    await note(db, platform_scope(scope.actor, ip=seeded.ip), "person.signed_in", "person", seeded.person)
    async with db.platform() as unit:
        await queue(unit, Mail(seeded.email, "Hello", f"Dear {seeded.name}", tenant=shop.tenant.id))
        await queue(unit, Mail("olga@shop.example", "News", f"{seeded.name} came.", tenant=shop.tenant.id))
        await unit.execute(
            "SELECT auth_note_sign_in($1, $2, $3, 'accepted', '{password}', true, $4, 'Firefox')",
            new_id(), seeded.person, unit.now, seeded.ip,
        )  # fmt: skip


async def _now(db: Database) -> Any:
    return db.clock.now()


async def plant(seeded: Seeded) -> None:
    """Put the name and the address into one row of every place of the register, made up where there is none."""
    admin = seeded.admin
    async with admin.transaction():
        await admin.execute("SET LOCAL session_replication_role = replica")
        tables = {place.table for place in PLACES} | set(REMOVED)
        for table in sorted(tables, key=lambda name: (name != "device", name)):
            await row_in(seeded, table)
        await admin.execute(
            """UPDATE sync_exception SET resolved_at = now(), resolved_by = 'x', resolution = 'x'
                WHERE tenant_id = $1 AND resolved_at IS NULL""",
            seeded.shop.tenant.id,
        )
        for place in PLACES:
            if place.how == "by_id" and place.table == "approval":
                await row_in(seeded, place.table, more=True)  # nobody decides what they asked for themselves
            tag = await admin.execute(
                f"""UPDATE {place.table} SET {place.column} = $1{_cast(place)} {_finder(place)}
                     WHERE tenant_id = $2 AND ctid = (SELECT max(ctid) FROM {place.table} WHERE tenant_id = $2
                                                     AND {_free(place)})""",
                *_planted(seeded, place),
            )
            assert tag == "UPDATE 1", place
        for table, column in REMOVED.items():
            await admin.execute(
                f"""UPDATE {table} SET {column} = $1 WHERE tenant_id = $2
                       AND ctid = (SELECT min(ctid) FROM {table} WHERE tenant_id = $2)""",
                seeded.person,
                seeded.shop.tenant.id,
            )


def _free(place: Place) -> str:
    """Claim that nobody decides what they asked for themselves."""
    other = {"asked_by": "decided_by", "decided_by": "asked_by"}.get(place.finder if place.table == "approval" else "")
    return f"{other} IS DISTINCT FROM $3" if other else "true"


def _cast(place: Place) -> str:
    return "::jsonb" if place.how in {"json", "mailed_json"} else "::uuid" if place.how == "null" else "::text"


def _finder(place: Place) -> str:
    return f", {place.finder} = $3" if place.how == "by_id" else ""


def _planted(seeded: Seeded, place: Place) -> list[object]:
    value: object = {
        "json": f'{{"who": "{seeded.name}", "to": ["{seeded.email}"]}}',
        "text": f"Ask {seeded.name} or {seeded.email}",
        "mailed": seeded.email,
        "mailed_json": f'"{seeded.email}"',
        "null": seeded.person,
    }.get(place.how, seeded.name)
    more = [seeded.person] if place.how == "by_id" else []
    return [value, seeded.shop.tenant.id, *more]


async def row_in(seeded: Seeded, table: str, *, more: bool = False) -> None:
    admin, tenant = seeded.admin, seeded.shop.tenant.id
    if not more and await admin.fetchval(f"SELECT true FROM {table} WHERE tenant_id = $1 LIMIT 1", tenant):
        return
    if table in PARENTS:
        await row_in(seeded, PARENTS[table])
    columns = await admin.fetch(
        """SELECT attname, format_type(atttypid, atttypmod) AS kind FROM pg_attribute
            WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
              AND attname <> 'tenant_id'""",
        table,
    )
    shop = seeded.shop
    real = {
        "till_id": shop.till, "store_id": shop.store, "product_id": shop.products[0].id, "sale_id": seeded.sale,
        "from_store_id": shop.store, "to_store_id": shop.second_store,
        "shift_id": seeded.shift, "member_id": seeded.member, "device_id": seeded.device, "person_id": seeded.person,
    }  # fmt: skip
    told = {name: f"'{id}'" for name, id in real.items()} | OTHERWISE.get(table, {})
    if table == "device":
        told["id"] = f"'{seeded.device}'"
    values = [told.get(c["attname"], BY_TYPE.get(c["kind"], "1")) for c in columns]
    names = ", ".join(c["attname"] for c in columns)
    await admin.execute(f"INSERT INTO {table} (tenant_id, {names}) VALUES ($1, {', '.join(values)})", tenant)
