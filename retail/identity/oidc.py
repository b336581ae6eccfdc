"""Single sign-on of a business: its provider, sign-ins under way, and who is who.

What a business's own provider says counts in that business alone: a session opened by it is bound to the business, so
nobody who runs a provider can become somebody elsewhere. An identity is (issuer, subject). It is joined to a member
the first time by an e-mail address that the provider has verified; an unverified one joins nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from retail.identity.entry_errors import NobodyKeepsTheKey, NotKnownHere, SsoFailed
from retail.identity.oidc_rules import Claims, Question
from retail.identity.plan_room import refuse_without
from retail.identity.rules import digest, new_secret
from retail.runtime.db import Read, Tx, Unit
from retail.runtime.keys import Keyring
from retail.runtime.realtime.access import AccessChanged
from retail.runtime.tenancy import TenantFacts

KEY: Final = "oidc"
LIVES: Final = timedelta(minutes=10)
_TENANT: Final = (
    "id", "slug", "name", "country", "currency", "locale", "timezone", "prices_include_tax", "cash_unit_minor",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Provider:
    """A business's identity provider. `client_secret` is sealed."""

    name: str
    issuer: str
    client_id: str
    client_secret: bytes | None
    email_domains: list[str]
    only_roles: list[str]
    exempt: list[UUID]
    checks_second_factor: bool
    enabled: bool
    changed_at: datetime
    tested_at: datetime | None


@dataclass(frozen=True, slots=True)
class Settings:
    """What an owner sets. `client_secret` None keeps the one that is there."""

    name: str
    issuer: str
    client_id: str
    client_secret: str | None
    email_domains: tuple[str, ...]
    only_roles: tuple[str, ...]
    exempt: tuple[UUID, ...]
    checks_second_factor: bool
    enabled: bool


@dataclass(frozen=True, slots=True)
class Way:
    """A business that one can sign in to by its provider."""

    provider: str
    issuer: str
    tenant: TenantFacts


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in that came back to the browser that it was begun in."""

    question: Question
    issuer: str
    back: str
    tests: bool


async def provider(read: Read) -> Provider | None:
    """Give the business's provider, enabled or not."""
    row = await read.fetchrow(
        """SELECT name, issuer, client_id, client_secret, email_domains, only_roles, exempt, checks_second_factor,
                  enabled, changed_at, tested_at FROM oidc_provider WHERE tenant_id = $1""",
        read.tenant,
    )
    return Provider(**row) if row else None


async def ways(unit: Unit, typed: str) -> list[Way]:
    """Find businesses by what somebody typed: the business's short name, or an address in one of its domains.

    Accounts are not asked: whether an address has one can't be learnt here.
    """
    text = typed.strip().lower()
    _name, at, domain = text.rpartition("@")
    rows = await unit.fetch("SELECT * FROM auth_sso($1, $2)", "" if at else text, domain if at else None)
    return [Way(row["provider"], row["issuer"], TenantFacts(**{name: row[name] for name in _TENANT})) for row in rows]


async def set_provider(tx: Tx, keyring: Keyring, wanted: Settings) -> Provider:
    """Set the business's provider. What was tested of another issuer or client has to be tested again.

    Raises NobodyKeepsTheKey where all owners would have to come in by it: one must be excepted; NotInPlan.
    """
    if wanted.enabled:
        await refuse_without(tx, "single_sign_on")
    owners = await tx.fetch(
        "SELECT person_id FROM membership WHERE tenant_id = $1 AND role = 'owner' AND ended_at IS NULL", tx.tenant
    )
    keep_the_key = {row["person_id"] for row in owners} & set(wanted.exempt)
    if wanted.enabled and "owner" in wanted.only_roles and not keep_the_key:
        raise NobodyKeepsTheKey
    known = await provider(tx)
    sealed = known.client_secret if known else None
    if wanted.client_secret is not None:
        sealed = keyring.seal(KEY, wanted.client_secret.encode(), tx.tenant.bytes) if wanted.client_secret else None
    same = known is not None and (known.issuer, known.client_id, known.client_secret) == (
        wanted.issuer, wanted.client_id, sealed,
    )  # fmt: skip
    await tx.execute(
        """INSERT INTO oidc_provider (tenant_id, name, issuer, client_id, client_secret, email_domains, only_roles,
                                      exempt, checks_second_factor, enabled, changed_at, tested_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
           ON CONFLICT (tenant_id) DO UPDATE
              SET name = excluded.name, issuer = excluded.issuer, client_id = excluded.client_id,
                  client_secret = excluded.client_secret, email_domains = excluded.email_domains,
                  only_roles = excluded.only_roles, exempt = excluded.exempt,
                  checks_second_factor = excluded.checks_second_factor, enabled = excluded.enabled,
                  changed_at = excluded.changed_at, tested_at = excluded.tested_at""",
        tx.tenant, wanted.name, wanted.issuer, wanted.client_id, sealed, list(wanted.email_domains),
        list(wanted.only_roles), list(wanted.exempt), wanted.checks_second_factor, wanted.enabled, tx.now,
        known.tested_at if known and same else None,
    )  # fmt: skip
    tx.audit("sso.set", "tenant", tx.tenant, before=_facts(known), after=_facts(wanted))
    tx.emit(AccessChanged(None))  # roles that must come by it lose the pages that they opened otherwise
    return await _there(tx)


async def remove_provider(tx: Tx) -> None:
    """Take the provider and every identity of it away; sessions that it opened end with their twelve hours."""
    known = await provider(tx)
    await tx.execute("DELETE FROM oidc_provider WHERE tenant_id = $1", tx.tenant)
    await tx.execute("DELETE FROM oidc_identity WHERE tenant_id = $1", tx.tenant)
    tx.audit("sso.removed", "tenant", tx.tenant, before=_facts(known))


async def mark_tested(tx: Tx) -> None:
    """Note that a sign-in through the provider worked from end to end."""
    await tx.execute("UPDATE oidc_provider SET tested_at = $2 WHERE tenant_id = $1", tx.tenant, tx.now)
    tx.audit("sso.tested", "tenant", tx.tenant)


async def begin(tx: Tx, browser: str, redirect_uri: str, back: str, *, tests: bool = False) -> Question:
    """Remember a sign-in for ten minutes, bound to the browser's own secret. Raises SsoFailed without a provider."""
    known = await _there(tx)
    if not (known.enabled or tests):
        raise SsoFailed("not enabled")
    question = Question(known.client_id, redirect_uri, new_secret(), new_secret(), new_secret() + new_secret())
    await tx.execute("DELETE FROM oidc_sign_in WHERE tenant_id = $1 AND expires_at <= $2", tx.tenant, tx.now)
    await tx.execute(
        """INSERT INTO oidc_sign_in (tenant_id, state_hash, browser_hash, issuer, nonce, verifier, back, tests,
                                     expires_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)""",
        tx.tenant, digest(question.state), digest(browser), known.issuer, question.nonce, question.verifier, back,
        tests, tx.now + LIVES,
    )  # fmt: skip
    return question


async def take(tx: Tx, state: str, browser: str, redirect_uri: str) -> Begun:
    """Use a sign-in up: it must have been begun in this very browser. Raises SsoFailed."""
    known = await _there(tx)
    row = await tx.fetchrow(
        """DELETE FROM oidc_sign_in WHERE tenant_id = $1 AND state_hash = $2 AND browser_hash = $3 AND expires_at > $4
         RETURNING issuer, nonce, verifier, back, tests""",
        tx.tenant, digest(state), digest(browser), tx.now,
    )  # fmt: skip
    if row is None:
        raise SsoFailed("state: not begun in this browser, used before or too old")
    if row["issuer"] != known.issuer:
        raise SsoFailed("state: begun with another provider")
    question = Question(known.client_id, redirect_uri, state, row["nonce"], row["verifier"])
    return Begun(question, row["issuer"], row["back"], row["tests"])


async def client_secret(read: Read, keyring: Keyring) -> str:
    """Open the client's secret, '' for a public client."""
    known = await _there(read)
    return keyring.unseal(KEY, known.client_secret, read.tenant.bytes).decode() if known.client_secret else ""


async def member_of(tx: Tx, claims: Claims) -> tuple[UUID, bool]:
    """Give the member that an identity is, and whether it was joined to them just now.

    By (issuer, subject); the first time by an address that the provider has verified, if a member has it who isn't
    joined to another identity of this provider. Raises NotKnownHere.
    """
    joined = await tx.fetchval(
        """UPDATE oidc_identity i SET used_at = $4 FROM membership m
            WHERE i.tenant_id = $1 AND i.issuer = $2 AND i.subject = $3
              AND m.tenant_id = i.tenant_id AND m.person_id = i.person_id AND m.ended_at IS NULL
        RETURNING i.person_id""",
        tx.tenant, claims.issuer, claims.subject, tx.now,
    )  # fmt: skip
    if joined is not None:
        return joined, False
    person: UUID | None = await tx.fetchval(
        """INSERT INTO oidc_identity (tenant_id, issuer, subject, person_id, linked_at, used_at)
           SELECT $1, $2, $3, m.person_id, $5, $5 FROM membership m
            WHERE m.tenant_id = $1 AND m.email = $4 AND m.ended_at IS NULL AND $4 <> ''
           ON CONFLICT DO NOTHING RETURNING person_id""",
        tx.tenant, claims.issuer, claims.subject, claims.email, tx.now,
    )  # fmt: skip
    if person is None:
        raise NotKnownHere("identity: no member")
    tx.audit("sso.joined", "person", person, issuer=claims.issuer)
    return person, True


async def _there(read: Read) -> Provider:
    known = await provider(read)
    if known is None:
        raise SsoFailed("no provider")
    return known


def _facts(known: Provider | Settings | None) -> dict[str, object]:
    if known is None:
        return {}
    return {
        "issuer": known.issuer,
        "client": known.client_id,
        "domains": list(known.email_domains),
        "only_roles": list(known.only_roles),
        "exempt": [str(person) for person in known.exempt],
        "enabled": known.enabled,
    }
