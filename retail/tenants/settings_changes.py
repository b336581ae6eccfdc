"""Settings as they are and as they were; each change is kept with who, when, from what to what."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from retail.identity.plan_room import refuse_without
from retail.kit.errors import Conflict, NotFound
from retail.kit.ids import new_id
from retail.kit.text import _
from retail.runtime.db import Read, Tx
from retail.tenants.events import SettingsChanged
from retail.tenants.setting import Setting, Value
from retail.tenants.settings import OF_BUSINESS, OF_STORE, SETTINGS, setting, shown

HISTORY_PAGE: Final = 100
_ADDRESSES: Final = frozenset({"contact_email"})
_INTO: Final = {"text": "text", "lines": "text", "zone": "text", "language": "text", "currency": "text",
                "whole": "integer", "choice": "integer", "flag": "boolean"}  # fmt: skip


def _write_of(one: Setting) -> str:
    """Give the statement that writes a setting into its column; every name in it is the table's own."""
    where = "tenant_id = $1 AND id = $3" if one.scope == "store" else "id = $1 AND $3::uuid IS NULL"
    table = "store" if one.scope == "store" else "tenant"
    return f"UPDATE {table} SET {one.column} = ($2::jsonb #>> '{{}}')::{_INTO[one.kind]} WHERE {where}"  # noqa: S608


_WRITES: Final = {one.key: _write_of(one) for one in SETTINGS if one.column}


class FixedBySales(Conflict):
    """Something was sold, so this can't be changed any more."""

    code = "fixed_by_sales"

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key

    def sentence(self) -> str:
        """Say what to do instead."""
        return _(
            "Something was sold already, so this can't be changed: every price and the books would change their"
            " meaning. Open another business for it."
        )


class ChangedMeanwhile(Conflict):
    """Somebody else has changed these settings since the page was opened."""

    code = "changed_meanwhile"

    def sentence(self) -> str:
        """Say to look again."""
        return _("Somebody else has changed this since you opened the page. Look at it again, then save.")


@dataclass(frozen=True, slots=True)
class Change:
    """One change; `store_id` None for the business's own."""

    id: UUID
    store_id: UUID | None
    key: str
    before: Value
    after: Value
    changed_at: datetime
    actor_name: str
    restored_from: UUID | None

    @property
    def setting(self) -> Setting:
        """Give what was changed."""
        return setting(self.key)

    @property
    def words(self) -> tuple[str, str]:
        """Say from what to what."""
        return shown(self.setting, self.before), shown(self.setting, self.after)


Values = dict[str, Value]


def table_for(store: UUID | None) -> tuple[Setting, ...]:
    """Give what can be set in a store, or, without one, for the business."""
    return OF_BUSINESS if store is None else OF_STORE


async def values(read: Read, store: UUID | None = None) -> Values:
    """Give every setting of the business, or of a store as it counts there: its own value, else the business's.

    Raises NotFound.
    """
    tenant = await read.fetchrow("SELECT * FROM tenant WHERE id = $1", read.tenant)
    rows = await read.fetch(
        "SELECT store_id, key, value FROM setting WHERE tenant_id = $1 AND (store_id IS NULL OR store_id = $2)",
        read.tenant,
        store,
    )
    place = None
    if store is not None:
        place = await read.fetchrow("SELECT * FROM store WHERE tenant_id = $1 AND id = $2", read.tenant, store)
    if tenant is None or (store is not None and place is None):
        raise NotFound("store" if tenant else "tenant")
    kept = {(row["store_id"], row["key"]): json.loads(row["value"]) for row in rows}
    found: Values = {}
    for one in table_for(store):
        if one.column:
            found[one.key] = (place if one.scope == "store" and place is not None else tenant)[one.column]
        else:
            found[one.key] = kept.get((store, one.key), kept.get((None, one.key), one.default))
    return found


async def own_values(read: Read, store: UUID) -> set[str]:
    """Give the keys that a store has set itself, against the business."""
    rows = await read.fetch("SELECT key FROM setting WHERE tenant_id = $1 AND store_id = $2", read.tenant, store)
    return {row["key"] for row in rows}


async def has_sold(read: Read) -> bool:
    """Claim that something was sold, ever."""
    return bool(await read.fetchval("SELECT EXISTS (SELECT FROM sale WHERE tenant_id = $1)", read.tenant))


async def change(
    tx: Tx,
    wanted: Mapping[str, Value],
    store: UUID | None = None,
    *,
    seen: Mapping[str, Value] | None = None,
    restored_from: UUID | None = None,
) -> list[str]:
    """Change settings of the business or of a store; gives the keys that changed. Locks the business or store.

    `seen` are the values that whoever decided this looked at: where one of those to be changed is another by now,
    nothing is changed. Raises NotFound, FixedBySales, NotInPlan, ChangedMeanwhile.
    """
    await tx.fetchval("SELECT id FROM tenant WHERE id = $1 FOR NO KEY UPDATE", tx.tenant)
    now = await values(tx, store)
    differing = [key for key, value in wanted.items() if value != now[key]]
    if seen is not None and any(now[key] != seen.get(key, now[key]) for key in differing):
        raise ChangedMeanwhile
    for key in differing:
        await _refuse(tx, setting(key), wanted[key])
    for key in differing:
        await _write(tx, setting(key), store, wanted[key])
        await _note(tx, key, store, now[key], wanted[key], restored_from)
    if differing:
        if store is not None:
            await tx.execute(
                "UPDATE store SET version = version + 1 WHERE tenant_id = $1 AND id = $2", tx.tenant, store
            )
        tx.audit(
            "settings.changed", "store" if store else "tenant", store or tx.tenant, **_told(now, wanted, differing)
        )
        tx.emit(SettingsChanged(store))
    return differing


async def _refuse(tx: Tx, one: Setting, value: Value) -> None:
    """Refuse a change that sales or the plan stand against. Raises FixedBySales, NotInPlan."""
    if one.until_sold and await has_sold(tx):
        raise FixedBySales(one.key)
    if one.feature and value not in {one.default, *one.choices[:1]}:
        await refuse_without(tx, one.feature)


def _told(before: Mapping[str, Value], after: Mapping[str, Value], keys: Sequence[str]) -> dict[str, object]:
    """Give what the audit trail keeps of a change: of an address, which is somebody's, only that it changed."""
    plain = [key for key in keys if key not in _ADDRESSES]
    told: dict[str, object] = {
        name: {key: side[key] for key in plain} for name, side in (("before", before), ("after", after))
    }
    if len(plain) < len(keys):
        told["texts"] = sorted(set(keys) - set(plain))
    return told


async def follow_business(tx: Tx, store: UUID, key: str) -> None:
    """Have a store take a setting from the business again. Raises NotFound for one that stores don't take over."""
    one = _known(key)
    if one.scope != "both":
        raise NotFound("setting")
    before = (await values(tx, store))[key]
    tag = await tx.execute(
        "DELETE FROM setting WHERE tenant_id = $1 AND store_id = $2 AND key = $3", tx.tenant, store, key
    )
    if tag == "DELETE 1":
        after = (await values(tx, store))[key]
        await _note(tx, key, store, before, after, None)
        tx.audit("settings.changed", "store", store, before={key: before}, after={key: after}, follows_business=True)
        tx.emit(SettingsChanged(store))


async def restore(tx: Tx, wanted: UUID) -> Change:
    """Set what a change had set before it: the value from which it went. Raises NotFound, FixedBySales."""
    known = await change_of(tx, wanted)
    await change(tx, {known.key: known.before}, known.store_id, restored_from=known.id)
    return known


async def change_of(read: Read, wanted: UUID) -> Change:
    """Give one change. Raises NotFound."""
    row = await read.fetchrow(f"{_LISTED} AND id = $2", read.tenant, wanted)
    if row is None:
        raise NotFound("setting_change")
    return _change(dict(row))


async def history(read: Read, store: UUID | None = None, *, key: str = "", limit: int = HISTORY_PAGE) -> list[Change]:
    """Give the newest changes of the business or of a store, of one setting if named."""
    rows = await read.fetch(
        f"""{_LISTED} AND store_id IS NOT DISTINCT FROM $2 AND ($3 = '' OR key = $3)
             ORDER BY changed_at DESC, id DESC LIMIT $4""",
        read.tenant,
        store,
        key,
        limit,
    )
    return [_change(dict(row)) for row in rows]


async def as_of(read: Read, at: datetime, store: UUID | None = None) -> Values:
    """Give the settings as they were at a moment: from now back, each change that came later undone.

    What a store takes from the business is told as it counts in the store's own history; Raises NotFound.
    """
    found = await values(read, store)
    rows = await read.fetch(
        """SELECT DISTINCT ON (key) key, before FROM setting_change
            WHERE tenant_id = $1 AND store_id IS NOT DISTINCT FROM $2 AND changed_at > $3
            ORDER BY key, changed_at, id""",
        read.tenant,
        store,
        at,
    )
    return found | {row["key"]: json.loads(row["before"]) for row in rows if row["key"] in found}


_LISTED: Final = """SELECT id, store_id, key, before, after, changed_at, actor_name, restored_from
  FROM setting_change WHERE tenant_id = $1"""


def _change(row: dict[str, object]) -> Change:
    told = {**row, "before": json.loads(str(row["before"])), "after": json.loads(str(row["after"]))}
    return Change(**told)


def _known(key: str) -> Setting:
    try:
        return setting(key)
    except KeyError as unknown:
        raise NotFound("setting") from unknown


async def _write(tx: Tx, one: Setting, store: UUID | None, value: Value) -> None:
    if one.column:
        await tx.execute(_WRITES[one.key], tx.tenant, json.dumps(value), store)
        return
    await tx.execute(
        """INSERT INTO setting (tenant_id, id, store_id, key, value, changed_at) VALUES ($1, $2, $3, $4, $5, $6)
           ON CONFLICT (tenant_id, store_id, key) DO UPDATE
              SET value = excluded.value, changed_at = excluded.changed_at""",
        tx.tenant,
        new_id(),
        store,
        one.key,
        json.dumps(value),
        tx.now,
    )


async def _note(  # noqa: PLR0917 - one row
    tx: Tx, key: str, store: UUID | None, before: Value, after: Value, restored_from: UUID | None
) -> None:
    await tx.execute(
        """INSERT INTO setting_change (tenant_id, id, store_id, key, before, after, changed_at, changed_by, actor_name,
                                       restored_from)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)""",
        tx.tenant,
        new_id(),
        store,
        key,
        json.dumps(before),
        json.dumps(after),
        tx.now,
        tx.actor.id,
        tx.actor.name,
        restored_from,
    )
