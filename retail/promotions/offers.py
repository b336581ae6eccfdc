"""Making, changing, starting, pausing and ending offers. Each change is audited, and told to the tills it concerns.

What the tills have is the set of running offers; it has the version of the catalogue at which it last changed, and
offer_version keeps what it held at each, so that a sale can be worked out with what its till knew.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from retail.catalog.events import CatalogueChanged
from retail.catalog.products.versions import lock_catalogue, next_version
from retail.kit.errors import Invalid, NotFound
from retail.kit.text import _
from retail.promotions.errors import WrongState
from retail.promotions.facts import OfferFacts, facts_of
from retail.promotions.terms import Errors, checked, tags_in
from retail.runtime.audit_record import changed
from retail.runtime.db import Read, Tx

NAME_LENGTH: Final = 120
MOST_PRIORITY: Final = 999
MOST_WINDOWS: Final = 14
MOST_RUNNING: Final = 200
_DAY: Final = 24 * 60
_MOST_PIECES: Final = 100_000
_MOST_MINOR: Final = 10**12
_GROUP_LENGTH: Final = 40

_PUT: Final = """
INSERT INTO offer (tenant_id, id, version, name, kind, terms, state, priority, exclusive, coupon, store_ids,
                   customer_groups, starts_at, ends_at, windows, least_pieces, least_spend_minor, times, most_minor,
                   created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6::jsonb, $7, $8, $9, $10, $11, $12, $13, $14, $15::jsonb, $16, $17, $18, $19, $20, $20)
ON CONFLICT (tenant_id, id) DO UPDATE
   SET version = excluded.version, name = excluded.name, kind = excluded.kind, terms = excluded.terms,
       state = excluded.state, priority = excluded.priority, exclusive = excluded.exclusive, coupon = excluded.coupon,
       store_ids = excluded.store_ids, customer_groups = excluded.customer_groups, starts_at = excluded.starts_at,
       ends_at = excluded.ends_at, windows = excluded.windows, least_pieces = excluded.least_pieces,
       least_spend_minor = excluded.least_spend_minor, times = excluded.times, most_minor = excluded.most_minor,
       updated_at = excluded.updated_at
"""


async def offer(read: Read, id: UUID) -> OfferFacts:
    """Give one offer. Raises NotFound."""
    row = await read.fetchrow("SELECT * FROM offer WHERE tenant_id = $1 AND id = $2", read.tenant, id)
    if row is None:
        raise NotFound("offer")
    return facts_of(row)


async def create(tx: Tx, wanted: OfferFacts) -> OfferFacts:
    """Make an offer as a draft. Raises Invalid. Locks the catalogue head."""
    await lock_catalogue(tx)
    if await tx.fetchval("SELECT 1 FROM offer WHERE tenant_id = $1 AND id = $2", tx.tenant, wanted.id):
        raise Invalid({"id": [_("This id exists; change it with PATCH.")]})
    kept = replace(await _sound(tx, wanted), version=1, state="draft", updated_at=tx.now)
    await _write(tx, kept)
    tx.audit("offer.created", "offer", kept.id, **_told(kept))
    return kept


async def update(tx: Tx, wanted: OfferFacts) -> OfferFacts:
    """Change an offer; its state stays. Raises Invalid, NotFound, WrongState. Locks the catalogue head."""
    await lock_catalogue(tx)
    before = await offer(tx, wanted.id)
    if before.state == "ended":
        raise WrongState(ended=True)
    sound = await _sound(tx, replace(wanted, version=before.version, state=before.state))
    told = changed(_told(before), _told(sound))
    if not told:
        return before
    kept = replace(sound, version=before.version + 1, updated_at=tx.now)
    await _write(tx, kept)
    tx.audit("offer.changed", "offer", kept.id, name=kept.name, **told)
    if kept.state == "running":
        await _tell(tx, kept)
    return kept


async def turn(tx: Tx, id: UUID, state: str) -> OfferFacts:
    """Start, pause or end an offer; once more does nothing. Raises Invalid, NotFound, WrongState."""
    await lock_catalogue(tx)
    before = await offer(tx, id)
    if before.state == state:
        return before
    if before.state == "ended" or (state == "paused" and before.state != "running"):
        raise WrongState(ended=True)
    if state == "running":
        await _check_start(tx, before)
    kept = replace(before, version=before.version + 1, state=state, updated_at=tx.now)
    await _write(tx, kept)
    tx.audit(f"offer.{_TURNED[state]}", "offer", id, name=kept.name)
    if "running" in {before.state, state}:
        await _tell(tx, kept)
    return kept


_TURNED: Final = {"running": "started", "paused": "paused", "ended": "ended"}


async def duplicate(tx: Tx, id: UUID, new: UUID) -> OfferFacts:
    """Make a draft that is like another offer. Raises NotFound."""
    like = await offer(tx, id)
    name = _("Copy of %(name)s") % {"name": like.name}
    fresh = replace(like, id=new, name=name[:NAME_LENGTH])
    if like.ends_at is not None and like.ends_at <= tx.now:
        fresh = replace(fresh, starts_at=None, ends_at=None)
    return await create(tx, fresh)


async def discard(tx: Tx, id: UUID) -> None:
    """Throw a draft away that no till ever had. Raises NotFound, WrongState."""
    await lock_catalogue(tx)
    facts = await offer(tx, id)
    used = await tx.fetchval(
        """SELECT EXISTS (SELECT FROM offer_version WHERE tenant_id = $1 AND offer_id = $2)
               OR EXISTS (SELECT FROM coupon_series WHERE tenant_id = $1 AND offer_id = $2)""",
        tx.tenant,
        id,
    )
    if used:
        raise WrongState(ended=False)
    await tx.execute("DELETE FROM offer_trial WHERE tenant_id = $1 AND offer_id = $2", tx.tenant, id)
    await tx.execute("DELETE FROM offer WHERE tenant_id = $1 AND id = $2", tx.tenant, id)
    tx.audit("offer.discarded", "offer", id, name=facts.name)


def problems(of: OfferFacts) -> tuple[OfferFacts, Errors]:
    """Check an offer by itself: as it is kept, and what is wrong with it, by field."""
    terms, errors = checked(of.kind, of.terms)
    name = " ".join(of.name.split())
    if not 1 <= len(name) <= NAME_LENGTH:
        errors["name"] = [_("Type a name of at most %(most)d letters.") % {"most": NAME_LENGTH}]
    bounds = {
        "priority": (of.priority, 0, MOST_PRIORITY),
        "least_pieces": (of.least_pieces, 0, _MOST_PIECES),
        "least_spend": (of.least_spend, 0, _MOST_MINOR),
        "times": (of.times, 1, _MOST_PIECES),
        "most": (of.most, 1, _MOST_MINOR),
    }
    for field, (value, least, most) in bounds.items():
        if value is not None and not least <= value <= most:
            between = {"least": least, "most": most}
            errors[field] = [_("Type a whole number from %(least)d to %(most)d.") % between]
    if of.starts_at is not None and of.ends_at is not None and of.ends_at <= of.starts_at:
        errors["ends_at"] = [_("The end lies before the beginning. Choose a later one.")]
    if of.stores is not None and not of.stores:
        errors["stores"] = [_("Pick at least one store, or let the offer hold in all.")]
    if of.groups is not None and not all(0 < len(one) <= _GROUP_LENGTH for one in of.groups):
        errors["groups"] = [_("Type the names of groups, with commas between them.")]
    if len(of.windows) > MOST_WINDOWS or not all(_is_window(one) for one in of.windows):
        errors["windows"] = [_("Pick at least one day, and two different times.")]
    return replace(of, name=name, terms=terms, groups=of.groups or None), errors


def _is_window(window: object) -> bool:
    if not isinstance(window, dict) or set(window) != {"days", "from", "to"}:
        return False
    days, begin, end = window["days"], window["from"], window["to"]
    return (
        isinstance(days, list)
        and bool(days)
        and all(type(day) is int and 0 <= day < 7 for day in days)
        and all(type(minute) is int and 0 <= minute <= _DAY for minute in (begin, end))
        and begin not in {end, _DAY}
    )


async def _sound(tx: Tx, wanted: OfferFacts) -> OfferFacts:
    """Give an offer as it is kept, where all of it is there. Raises Invalid."""
    kept, errors = problems(wanted)
    if kept.stores and not errors:
        known = await tx.fetch(
            "SELECT id FROM store WHERE tenant_id = $1 AND id = ANY ($2::uuid[])", tx.tenant, list(kept.stores)
        )
        if len(known) < len(set(kept.stores)):
            errors["stores"] = [_("Pick one from the list.")]
    if errors:
        raise Invalid(errors)
    return kept


async def _check_start(tx: Tx, of: OfferFacts) -> None:
    if of.ends_at is not None and of.ends_at <= tx.now:
        raise Invalid({"ends_at": [_("Its last moment has passed. Choose a later one, then start it.")]})
    running = await tx.fetchval("SELECT count(*) FROM offer WHERE tenant_id = $1 AND state = 'running'", tx.tenant)
    if running >= MOST_RUNNING:
        said = _("%(most)d offers run already, as many as can. End some of them first.")
        raise Invalid({"state": [said % {"most": MOST_RUNNING}]})


async def _write(tx: Tx, of: OfferFacts) -> None:
    await tx.execute(
        _PUT, tx.tenant, of.id, of.version, of.name, of.kind, json.dumps(of.terms), of.state, of.priority,
        of.exclusive, of.coupon, None if of.stores is None else list(of.stores),
        None if of.groups is None else list(of.groups), of.starts_at, of.ends_at, json.dumps(list(of.windows)),
        of.least_pieces, of.least_spend, of.times, of.most, tx.now,
    )  # fmt: skip


async def _tell(tx: Tx, of: OfferFacts) -> None:
    """Let the tills know the set anew; products whose tags it names now for the first time come along."""
    version = await next_version(tx)
    body = json.dumps(of.wire()) if of.state == "running" else None
    await tx.execute(
        """INSERT INTO offer_version (tenant_id, offer_id, set_version, body, made_at)
           VALUES ($1, $2, $3, $4::jsonb, $5)""",
        tx.tenant, of.id, version, body, tx.now,
    )  # fmt: skip
    rows = await tx.fetch("SELECT terms FROM offer WHERE tenant_id = $1 AND state = 'running'", tx.tenant)
    named = sorted(set().union(*(tags_in(json.loads(row["terms"])) for row in rows)))
    before = await tx.fetchval("SELECT offer_tags FROM catalogue_head WHERE tenant_id = $1", tx.tenant)
    await tx.execute(
        "UPDATE catalogue_head SET offers_version = $2, offer_tags = $3 WHERE tenant_id = $1", tx.tenant, version, named
    )
    fresh = [tag for tag in named if tag not in before]
    if fresh:
        await tx.execute(
            "UPDATE product SET version = $2 WHERE tenant_id = $1 AND tags && $3::text[]", tx.tenant, version, fresh
        )
    tx.emit(CatalogueChanged(version))


def _told(of: OfferFacts) -> dict[str, Any]:
    """Say what an offer is, as the audit trail keeps it."""
    wire = of.wire() | {"starts": _moment(of.starts_at), "ends": _moment(of.ends_at)}
    return {name: value for name, value in wire.items() if name not in {"id", "version"}}


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
