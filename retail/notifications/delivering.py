"""Working off the queue: what is due goes to the letter box or to push services, each turn once.

A turn is claimed for two minutes, counted, and settled; one whose worker died is claimed again. A letter is put into
the box in the transaction that settles its turn, so it can't go twice. A push may: a browser shows it once, by its id.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from retail.kit.text import _, use_language
from retail.notifications import letters
from retail.notifications.kinds import KINDS
from retail.notifications.push.ringer import USUAL_TTL, Ringer, Rung
from retail.notifications.push.subscriptions import Subscription, forget, ringing
from retail.notifications.queries import Notification, habits_of, these
from retail.notifications.telling import wake
from retail.runtime.db import Database, Tx
from retail.runtime.mail import BadAddress, Mail, MailLimitReached, queue
from retail.runtime.switches import SMS, is_on
from retail.runtime.tenancy import Scope, TenantFacts
from retail.tenants.queries import this_tenant

LEASE: Final = timedelta(minutes=2)
PAUSES: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360))
_BATCH: Final = 50

_CLAIM: Final = """
UPDATE delivery d SET claimed_until = $3, attempts = d.attempts + 1
  FROM (SELECT notification_id, channel FROM delivery
         WHERE tenant_id = $1 AND done_at IS NULL AND due_at <= $2 AND (claimed_until IS NULL OR claimed_until <= $2)
         ORDER BY due_at, notification_id LIMIT $4 FOR UPDATE SKIP LOCKED) due
 WHERE d.tenant_id = $1 AND d.notification_id = due.notification_id AND d.channel = due.channel
RETURNING d.notification_id AS notification, d.channel, d.person_id AS person, d.digest, d.expires_at, d.attempts"""
_SETTLE: Final = """
UPDATE delivery SET done_at = $4, outcome = $5, claimed_until = NULL
 WHERE tenant_id = $1 AND notification_id = ANY($2) AND channel = $3 AND done_at IS NULL"""
_PUT_OFF: Final = """
UPDATE delivery SET due_at = $4, claimed_until = NULL
 WHERE tenant_id = $1 AND notification_id = $2 AND channel = $3 AND done_at IS NULL"""
_ADDRESS: Final = """
SELECT email FROM membership WHERE tenant_id = $1 AND person_id = $2 AND ended_at IS NULL"""


@dataclass(frozen=True, slots=True)
class Turn:
    """A claimed row of the queue."""

    notification: UUID
    channel: str
    person: UUID
    digest: bool
    expires_at: datetime | None
    attempts: int


async def deliver_due(db: Database, scope: Scope, push: Ringer) -> None:
    """Deliver all that is due of a business."""
    while turns := await db.run(scope, _claim):
        grouped: defaultdict[tuple[UUID, str, object], list[Turn]] = defaultdict(list)
        for turn in turns:
            grouped[turn.person, turn.channel, "digest" if turn.digest else turn.notification].append(turn)
        for together in grouped.values():
            if together[0].channel == "push":
                await _push(db, scope, together[0], push)
            else:
                await db.run(scope, _write, together)


async def _claim(tx: Tx) -> list[Turn]:
    rows = await tx.fetch(_CLAIM, tx.tenant, tx.now, tx.now + LEASE, _BATCH)
    return [Turn(**row) for row in rows]


async def _write(tx: Tx, turns: Sequence[Turn]) -> None:
    """Put a letter of these turns into the box, and settle them; what was read meanwhile is not written about."""
    told = await _standing(tx, turns)
    if told:
        outcome = await _post(tx, turns[0], told)
        await _settle(tx, turns[0].channel, [one.id for one in told], outcome)


async def _post(tx: Tx, turn: Turn, told: Sequence[Notification]) -> str:
    facts = await this_tenant(tx)
    kind = KINDS.get(told[0].kind)
    priority = letters.DIGEST if turn.digest else letters.URGENT if kind and kind.urgent else letters.USUAL
    email = await tx.fetchval(_ADDRESS, tx.tenant, turn.person)
    phone = (await habits_of(tx, [turn.person])).get(turn.person)
    try:
        letter: Mail | None = None
        if turn.channel == "mail" and email:
            letter = letters.mail_of(facts, email, told, priority)
        elif turn.channel == "sms" and email and phone and phone.phone and await is_on(tx, SMS):
            letter = letters.sms_of(facts, phone.phone, told[0], priority)
        if letter is None:
            return "nowhere"
        await queue(tx, letter)
    except (BadAddress, MailLimitReached):
        return "failed"
    return "sent"


async def _standing(tx: Tx, turns: Sequence[Turn]) -> list[Notification]:
    """Give what is still worth telling, newest first; settle the rest: read, answered, or too late."""
    late = {turn.notification for turn in turns if turn.expires_at is not None and turn.expires_at <= tx.now}
    found = await these(tx, [turn.notification for turn in turns])
    news = [one for one in found if one.is_new and one.id not in late]
    gone = {turn.notification for turn in turns} - {one.id for one in news} - late
    await _settle(tx, turns[0].channel, late, "late")
    await _settle(tx, turns[0].channel, gone, "gone")
    return news


async def _push(db: Database, scope: Scope, turn: Turn, push: Ringer) -> None:
    async with db.begin(scope) as tx:
        told = await _standing(tx, [turn])
        if not told:
            return
        browsers, facts = await ringing(tx, turn.person), await this_tenant(tx)
        if not browsers:
            await _settle(tx, "push", [turn.notification], "nowhere")
            return
        now = tx.now
    said = _payload(facts, told[0])
    kind = KINDS[told[0].kind]
    ttl = kind.lasts - (now - told[0].created_at) if kind.lasts else USUAL_TTL
    rung = [
        (one, await push.ring(one.browser, said, ttl=ttl, urgent=kind.urgent, topic=turn.notification.hex))
        for one in browsers
    ]
    await db.run(scope, _rung, turn, rung)


async def _rung(tx: Tx, turn: Turn, rung: Sequence[tuple[Subscription, Rung]]) -> None:
    """Settle a push: sent where one browser took it, else again later, until all tries are used."""
    await forget(tx, [one.id for one, became in rung if became.how == "gone"])
    hows = {became.how for _one, became in rung}
    if "sent" in hows or "again" not in hows:
        outcome = "sent" if "sent" in hows else "nowhere" if hows == {"gone"} else "failed"
        await _settle(tx, "push", [turn.notification], outcome)
    elif turn.attempts > len(PAUSES):
        await _settle(tx, "push", [turn.notification], "failed")
    else:
        asked = max(became.after for _one, became in rung)
        again = tx.now + max(asked, PAUSES[turn.attempts - 1])
        await tx.execute(_PUT_OFF, tx.tenant, turn.notification, "push", again)
        await wake(tx, again, turn.notification)


async def _settle(tx: Tx, channel: str, ids: Sequence[UUID] | set[UUID], outcome: str) -> None:
    if ids:
        await tx.execute(_SETTLE, tx.tenant, list(ids), channel, tx.now, outcome)


def _payload(facts: TenantFacts, one: Notification) -> dict[str, object]:
    """Say on a locked screen that there is something, and not what: no name, no amount, no product."""
    with use_language(facts.locale):
        said: dict[str, object] = {
            "title": KINDS[one.kind].words,
            "body": _("Open Countertop to see it."),
            "id": str(one.id),
        }
        if one.kind == "approval_asked":
            said["action"] = _("Look and answer")
    return said
