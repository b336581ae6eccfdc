"""Whom a secret belongs to, seen from one path: asked of the database, and remembered for two seconds."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from retail.identity.entry_errors import OutsideNetworks
from retail.identity.gate import OPEN, Gate, gate_of, is_inside
from retail.identity.looks import ROLE, Look, look_of
from retail.identity.rights import Holding, read_holding
from retail.identity.roles import Role
from retail.identity.rules import KNOWN_FOR, TILL_IDLE, TOUCH_EVERY
from retail.identity.standing import Standing, standing_of_session, standing_of_token
from retail.identity.token_rules import Narrowing, day_of
from retail.runtime.db import Database, Row, Unit
from retail.runtime.tenancy import Actor, Scope, TenantFacts
from retail.runtime.web.context import Person

_REMEMBERED: Final = 20_000
_TENANT_COLUMNS: Final = (
    "id",
    "slug",
    "name",
    "country",
    "currency",
    "locale",
    "timezone",
    "prices_include_tax",
    "cash_unit_minor",
)


@dataclass(frozen=True, slots=True)
class Token:
    """The API token that a request came with."""

    id: UUID
    kind: str
    till: UUID | None
    networks: tuple[str, ...] = ()

    def check_address(self, ip: str) -> None:
        """Let the token be used from the networks that it was made for. Raises OutsideNetworks."""
        if self.networks and not is_inside(ip, self.networks):
            raise OutsideNetworks


@dataclass(frozen=True, slots=True)
class Known:
    """Whom a secret belongs to, seen from one path."""

    actor: Actor
    role: str
    person: Person | None
    tenant: TenantFacts | None
    token: Token | None = None
    gate: Gate = OPEN
    holding: Holding = field(default_factory=Holding)
    """The rights there and at `at`; nobody has any where nobody said so."""
    at: datetime | None = None
    standing: Standing = field(default_factory=Standing)
    called: Role | None = None
    """The role with its name, of a person in their business."""
    look: Look | None = None
    """What the session looks at; it is read-only meanwhile, wherever it goes."""


class Memory:
    """What the database said about secrets in the last two seconds; sign-out and role changes empty it at once."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[bytes, str], tuple[datetime, Known]] = OrderedDict()

    def recall(self, token_hash: bytes, slug: str, now: datetime) -> Known | None:
        """Give what is known and still fresh."""
        found = self._known.get((token_hash, slug))
        return found[1] if found and found[0] > now else None

    def keep(self, token_hash: bytes, slug: str, known: Known, now: datetime) -> None:
        """Remember for two seconds."""
        self._known[token_hash, slug] = (now + KNOWN_FOR, known)
        self._known.move_to_end((token_hash, slug))
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)

    def forget(
        self, *, token_hash: bytes | None = None, person: UUID | None = None, tenant: UUID | None = None
    ) -> None:
        """Drop what is known of a session, of a person's sessions and tokens, or of everybody in a tenant."""
        gone = [
            key
            for key, (_until, known) in self._known.items()
            if key[0] == token_hash
            or (person is not None and known.person is not None and known.person.id == person)
            or (tenant is not None and known.tenant is not None and known.tenant.id == tenant)
        ]
        for key in gone:
            del self._known[key]


MEMORY: Final = Memory()


async def known_by(
    database: Database, token_hash: bytes, slug: str, *, bearer: bool, fresh: bool = False
) -> Known | None:
    """Find whom a secret belongs to; None for nobody. `fresh` asks the database whatever is remembered."""
    now = database.clock.now()
    known = None if fresh else MEMORY.recall(token_hash, slug, now)
    if known is not None and known.look is not None and known.look.until <= now:
        known = None  # it is over to the moment, whatever is remembered
    if known is None:
        async with database.glance() as unit:
            known = await (
                _by_token(unit, token_hash) if bearer else _by_session(unit, token_hash, slug, touch=not fresh)
            )
        if known is not None:
            MEMORY.keep(token_hash, slug, known, now)
    return known


def scope_of(known: Known, request_id: str) -> Scope | None:
    """Give the scope that somebody known acts in; None outside of a tenant."""
    if known.tenant is None or not known.role:
        return None
    bare = Scope(
        known.tenant.id, known.actor, role=known.role, request_id=request_id, proved_at=known.at,
        only_looks=known.look is not None,
    )  # fmt: skip
    return known.holding.put_on(bare)


async def _by_session(unit: Unit, token_hash: bytes, slug: str, *, touch: bool) -> Known | None:
    """Find a session's person. Only what a person does counts as use (`touch`), not a page that stays open."""
    row = await unit.fetchrow(
        """SELECT d.*, f.*, g.*, n.*, auth_rights(d.id, d.person_id, NULL, $3) AS rights
             FROM auth_door($1, $2, $3, $4) d CROSS JOIN auth_session_facts($1, $2) f CROSS JOIN auth_gate(d.id, $1) g
             LEFT JOIN auth_role_name(d.id, d.role) n ON true""",
        token_hash,
        slug,
        unit.now,
        unit.now - TILL_IDLE,
    )
    standing = standing_of_session(row, unit.now) if row else None
    if row is None or standing is None:
        return None
    if touch and unit.now - row["seen_at"] > TOUCH_EVERY:
        await unit.execute("SELECT auth_touch_session($1, $2)", token_hash, unit.now)
    person = Person(row["person_id"], row["person_name"], row["email"], row["role"] or "", operator=row["operator"])
    known = _known(unit, row, Actor("person", person.id, person.name), person.role, person)
    called = Role(known.role, row["role_name"], row["role_template"], 0) if known.role and row["role_name"] else None
    found = replace(known, standing=standing, called=called)
    look = await look_of(unit, token_hash) if person.operator and known.gate.only_tenant is None else None
    return found if look is None else _looking(found, look, slug)


def _looking(known: Known, look: Look, slug: str) -> Known:
    """Give somebody as they are while they look: as an owner in the one business, as themselves elsewhere."""
    if slug != look.tenant.slug:
        return replace(known, look=look)
    person = replace(known.person, role=ROLE) if known.person is not None else None
    standing = replace(known.standing, second_factor_by=None)  # what it asks of its own people isn't asked of others
    return replace(
        known, look=look, tenant=look.tenant, role=ROLE, person=person, standing=standing, gate=OPEN, called=None,
        holding=look.holding,
    )  # fmt: skip


async def _by_token(unit: Unit, token_hash: bytes) -> Known | None:
    row = await unit.fetchrow(
        """SELECT d.*, f.*, x.*, g.*, auth_rights(d.id, d.person_id, d.token_role, $2) AS rights
             FROM auth_token_door($1, $2) d LEFT JOIN auth_token_facts($1) f ON true, auth_token_scope($1) x,
                  auth_gate(d.id, NULL) g""",
        token_hash,
        unit.now,
    )
    if row is None:
        return None
    token = Token(row["token_id"], row["kind"], row["till_id"], tuple(row["token_networks"] or ()))
    if row["used_at"] is None or row["used_at"] < day_of(unit.now):
        await unit.execute("SELECT auth_token_used($1, $2)", token_hash, day_of(unit.now))
    if row["kind"] == "script":
        actor = Actor("token", token.id, row["token_name"])
        known = _known(unit, row, actor, row["token_role"], None, token)
        return replace(
            known, holding=Narrowing(_set(row["only_permissions"]), _set(row["only_stores"])).cut(known.holding)
        )
    if row["role"] is None:
        return None
    person = Person(row["person_id"], row["person_name"], row["email"], row["role"])
    known = _known(unit, row, Actor("person", person.id, person.name), person.role, person, token)
    return replace(known, standing=standing_of_token(row, unit.now))


def _known(  # noqa: PLR0917 - what a row can't say
    unit: Unit, row: Row, actor: Actor, role: str, person: Person | None, token: Token | None = None
) -> Known:
    gate = gate_of(row)
    if gate.only_tenant is not None and gate.only_tenant != row["id"]:  # elsewhere it is worth nothing
        person = replace(person, role="", operator=False) if person is not None else None
        return Known(actor, "", person, None, token, gate, at=unit.now)
    return Known(actor, role, person, _tenant(row), token, gate, read_holding(row["rights"]), unit.now)


def _set(given: list[Any] | None) -> frozenset[Any] | None:
    return None if given is None else frozenset(given)


def _tenant(row: Row) -> TenantFacts | None:
    facts: dict[str, Any] = {name: row[name] for name in _TENANT_COLUMNS}
    return TenantFacts(**facts) if facts["id"] is not None else None
