"""The table of who may do what, as its page shows it: groups of rights, a column for each role, what was changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from babel.numbers import format_decimal

from retail.identity.permissions import GROUPS, PERMISSIONS, TEMPLATES, Permission, permission
from retail.identity.rights import Rights
from retail.identity.roles import Role
from retail.identity.roles_changes import first_rights
from retail.kit.money import Currency, major
from retail.kit.quantity import locale_of
from retail.kit.text import _
from retail.runtime.tenancy import Right

MOST_WORDS: Final = 60


@dataclass(frozen=True, slots=True)
class View:
    """Which part of the table is asked for: rights with some words, one role's column."""

    words: str = ""
    role: str = ""

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> View:
        """Read it from an address, or from the form that was sent."""
        return cls(asked.get("q", "").strip()[:MOST_WORDS], asked.get("role", "")[:MOST_WORDS])

    @property
    def whole(self) -> bool:
        """Claim that nothing is left out."""
        return not (self.words or self.role)

    def shows(self, one: Permission) -> bool:
        """Claim that a right is among those that are looked for, by its words or its group's."""
        sought = self.words.casefold()
        return sought in one.words.casefold() or sought in _(GROUPS[one.group]).casefold() or sought == one.name

    def columns(self, known: Sequence[Role]) -> list[Role]:
        """Give the roles that are shown; all of them where the one that is asked for isn't there."""
        return [one for one in known if one.key == self.role] or list(known)


@dataclass(frozen=True, slots=True)
class Cell:
    """One role's hold on one permission, as the table shows it; `limit` is written the reader's way."""

    role: Role
    name: str
    state: str
    limit: str
    fixed: bool
    stored: tuple[str, str] | None = None
    """State and limit that are stored by now, where somebody else changed what this tab changed too."""


@dataclass(frozen=True, slots=True)
class Line:
    """A permission with its cells, one for each role."""

    permission: Permission
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class Difference:
    """A right that a role no longer has as every business begins with it."""

    role: Role
    permission: Permission
    now: str
    first: str


@dataclass(frozen=True, slots=True)
class Group:
    """Some rights under one heading; `opened` where there is something to see at once."""

    key: str
    label: str
    lines: list[Line]
    held: list[tuple[str, int]]
    """Of each role that is shown: its words, and how many of these rights it has."""
    changed: int
    opened: bool


def groups(
    lines: Sequence[Line], shown: Sequence[Role], changes: Sequence[Difference], *, opened: bool, wrong: frozenset[str]
) -> list[Group]:
    """Sort lines under their headings; what has a mistake (`wrong`: names of cells) is opened."""
    found = []
    for key, label in GROUPS.items():
        own = [line for line in lines if line.permission.group == key]
        if not own:
            continue
        names = {line.permission.name for line in own}
        held = [(one.words, len(names & set(one.rights))) for one in shown]
        changed = sum(one.permission.name in names for one in changes)
        cells = [cell for line in own for cell in line.cells]
        loud = any(cell.name in wrong or cell.stored for cell in cells)
        found.append(Group(key, _(label), own, held, changed, opened or loud))
    return found


def differences(known: Sequence[Role], currency: Currency, locale: str) -> list[Difference]:
    """Name what was changed of the roles that every business begins with."""
    found = []
    for one in known:
        first = first_rights(one.key, currency.exponent) if one.key in TEMPLATES else one.rights
        for right in PERMISSIONS:
            if one.rights.get(right.name) != first.get(right.name):
                now, before = (told(rights, right, currency, locale) for rights in (one.rights, first))
                found.append(Difference(one, right, now, before))
    return found


def told(rights: Rights, asked: Permission, currency: Currency, locale: str) -> str:
    """Say how a right is held: "allowed up to 10 %"."""
    right = rights.get(asked.name)
    if right is None:
        return _("denied")
    if right.state == "approval":
        return _("needs approval")
    limit = written_limit(right, asked, currency, locale)
    unit = "%" if permission(asked.name).limit == "percent" else currency.code
    return _("allowed up to %(limit)s") % {"limit": f"{limit} {unit}"} if limit else _("allowed")


def written_limit(right: Right | None, asked: Permission, currency: Currency, locale: str) -> str:
    """Write a limit as it is typed: 10 for ten percent, 50.00 for an amount; empty for none."""
    if right is None or right.limit is None:
        return ""
    if asked.limit == "money":
        return format_decimal(major(right.limit, currency), locale=locale_of(locale), decimal_quantization=False)
    return f"{(Decimal(right.limit) / 100).normalize():f}"
