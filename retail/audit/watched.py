"""What an operator watches of all audit trails: the groups of actions that are counted, and on whose chain.

Much of what happens to an account stands on the platform's chain and on each of its businesses' too: it is counted on
one of them alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from retail.kit.errors import NotFound
from retail.kit.text import _
from retail.runtime.audit_record import PLATFORM
from retail.runtime.db import Unit

MONTH: Final = timedelta(days=30)


def _said(message: str) -> str:
    """Mark a text for translation that is said later."""
    return message


@dataclass(frozen=True, slots=True)
class Group:
    """Actions that are counted together, of the platform's chain, of the businesses' or of both."""

    key: str
    label: str
    actions: tuple[str, ...]
    chain: Literal["platform", "business", "both"]

    @property
    def words(self) -> str:
        """Say what it counts."""
        return _(self.label)

    def counts(self, *, own: bool) -> bool:
        """Claim that a chain counts; `own`: the platform's."""
        return self.chain == "both" or (self.chain == "platform") == own


GROUPS: Final = (
    Group("sign_ins", _said("Failed sign-ins"),
          ("person.sign_in_refused", "person.code_refused", "person.passkey_refused", "person.confirmation_refused"),
          "platform"),
    Group("refused", _said("Refused requests"), ("access.refused", "access.refused_often"), "both"),
    Group("devices", _said("New devices at tills"), ("device.enrolled",), "business"),
    Group("blocked", _said("Blocked devices"), ("device.revoked",), "business"),
    Group("roles", _said("Changes of roles and rights"),
          ("member.role_changed", "role.made", "role.changed", "role.deleted", "grant.given", "grant.ended"),
          "business"),
    Group("tokens", _said("API tokens made"), ("token.made",), "business"),
    Group("looks", _said("Looks into businesses by operators"), ("look.begun",), "platform"),
    Group("frozen", _said("Frozen accounts and businesses"), ("person.disabled", "tenant.frozen"), "platform"),
)  # fmt: skip
BY_KEY: Final = {group.key: group for group in GROUPS}
COUNTED: Final = frozenset(action for group in GROUPS for action in group.actions)


@dataclass(frozen=True, slots=True)
class Count:
    """How often something happened in the last 24 hours, 7 days and 30 days."""

    day: int = 0
    week: int = 0
    month: int = 0

    def __add__(self, other: Count) -> Count:
        return Count(self.day + other.day, self.week + other.week, self.month + other.month)


@dataclass(frozen=True, slots=True)
class Place:
    """A business in which something happened, how often in 30 days, and in which hour last."""

    slug: str
    business: str
    count: int
    last_hour: datetime


def group_of(key: str) -> Group:
    """Give a group. Raises NotFound."""
    if key not in BY_KEY:
        raise NotFound("group")
    return BY_KEY[key]


async def counts(unit: Unit) -> dict[tuple[str, bool], Count]:
    """Give how often each action happened, by action and whether on the platform's own chain."""
    rows = await unit.fetch("SELECT * FROM auth_security_counts($1, $2)", unit.now, PLATFORM)
    return {(row["action"], row["own"]): Count(int(row["day"]), int(row["week"]), int(row["month"])) for row in rows}


def total(found: dict[tuple[str, bool], Count], group: Group, *actions: str) -> Count:
    """Add up a group, or some of its actions, over the chains that count for it."""
    added = Count()
    for (action, own), count in found.items():
        if action in (actions or group.actions) and group.counts(own=own):
            added += count
    return added


async def new_browsers(unit: Unit) -> Count:
    """Give how often somebody signed in from a browser that wasn't known."""
    row = await unit.fetchrow("SELECT * FROM auth_new_browsers($1)", unit.now)
    return Count(**dict(row)) if row else Count()


async def places(unit: Unit, group: Group, most: int = 50) -> list[Place]:
    """List the businesses in which a group happened in 30 days, most often first."""
    rows = await unit.fetch(
        "SELECT * FROM auth_security_businesses($1, $2, $3, $4)", list(group.actions), unit.now - MONTH, PLATFORM, most
    )
    return [Place(row["slug"], row["business"], int(row["count"]), row["last_hour"]) for row in rows]
