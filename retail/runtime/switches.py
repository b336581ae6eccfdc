"""Switches and settings of the whole installation: the registry of what there is, and what holds now.

A value holds for one business, else for its plan, else for everybody, else as the default here. Each process remembers
what was set for two seconds, as it does how businesses stand; inside of a transaction it is read afresh.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from retail.kit.errors import DomainError, Invalid, NotFound
from retail.kit.ids import new_id
from retail.kit.text import _
from retail.runtime.db import Database, Read, Tx, Unit

Value = bool | int | str
KNOWN_FOR: Final = timedelta(seconds=2)
EVERYBODY: Final = ""


def _said(message: str) -> str:
    """Mark a text for translation that is said later."""
    return message


@dataclass(frozen=True, slots=True)
class Switch:
    """One of them. `least` and `most` bound a number, or the length of a text; `by_business` ones may differ."""

    key: str
    label: str
    hint: str
    default: Value
    least: int = 0
    most: int = 0
    by_business: bool = False

    @property
    def words(self) -> str:
        """Say what it is."""
        return _(self.label)

    @property
    def hint_words(self) -> str:
        """Say what it does."""
        return _(self.hint)

    @property
    def kind(self) -> str:
        """Name what its values are: flag, number or text."""
        return "flag" if isinstance(self.default, bool) else "number" if isinstance(self.default, int) else "text"

    def parse(self, typed: str) -> Value:
        """Read what somebody typed. Raises Invalid."""
        if isinstance(self.default, bool):
            return typed == "on"
        if isinstance(self.default, int):
            if not typed.isascii() or not typed.isdigit() or not self.least <= int(typed[:9]) <= self.most:
                told = {"least": self.least, "most": self.most}
                raise Invalid({"value": [_("Type a whole number from %(least)d to %(most)d.") % told]})
            return int(typed)
        text = " ".join(typed.split())
        if len(text) > self.most or not text.isprintable():
            raise Invalid({"value": [_("Type at most %(most)d characters.") % {"most": self.most}]})
        return text

    def show(self, value: Value | None) -> str:
        """Write a value for reading."""
        if value is None:
            return _("as by default")
        if isinstance(value, bool):
            return _("on") if value else _("off")
        return str(value) or _("none")

    def fits(self, value: object) -> bool:
        """Claim that a stored value is one of this switch; another version may have stored something else."""
        if type(value) is not type(self.default):
            return False
        size = len(value) if isinstance(value, str) else value
        return isinstance(value, bool) or (isinstance(size, int) and self.least <= size <= self.most)


SIGN_UP: Final = Switch(
    "sign_up_open", _said("Sign-up is open"),
    _said("Whether strangers may open a business on the page Sign up. Operators found businesses either way."),
    default=True,
)  # fmt: skip
TRIAL_DAYS: Final = Switch(
    "trial_days", _said("Days of the trial"), _said("For businesses that begin from now on."), 14, 1, 90
)
MAIL_DAYS: Final = Switch(
    "mail_days", _said("Days that sent mail is kept"),
    _said("Older letters are forgotten, with whom they went to. 90 days is the most that we promise."), 90, 7, 90,
)  # fmt: skip
MESSAGE: Final = Switch(
    "maintenance_message", _said("Message of maintenance"),
    _said("Shown on top of every page to whoever is signed in, until it is emptied."), "", 0, 300,
)  # fmt: skip
IMPORTS: Final = Switch(
    "imports", _said("Imports"), _said("Whether files of products can be handed in."), default=True, by_business=True
)
PROGRAMS: Final = Switch(
    "programs", _said("Access for programs"),
    _said("Whether a business may give new programs access to its API. Those that have it keep it."),
    default=True, by_business=True,
)  # fmt: skip
SMS: Final = Switch(
    "sms", _said("Notifications by SMS"), _said("Each one costs. Off: the other channels go on."),
    default=True, by_business=True,
)  # fmt: skip
ALL: Final[Mapping[str, Switch]] = {
    one.key: one for one in (SIGN_UP, TRIAL_DAYS, MAIL_DAYS, MESSAGE, IMPORTS, PROGRAMS, SMS)
}


class SwitchedOff(DomainError):
    """The feature is off, for everybody or for this business."""

    status = 403
    code = "switched_off"

    def sentence(self) -> str:
        """Say whom to ask."""
        return _("This is switched off for your business at the moment. Write to support if you need it.")


@dataclass(frozen=True, slots=True)
class Stored:
    """A value that somebody has set."""

    key: str
    reach: str
    value: Value
    set_at: datetime
    set_by: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """What was set when, and what it was before; None: as by default."""

    id: UUID
    key: str
    reach: str
    before: Value | None
    after: Value | None
    at: datetime
    set_by: str | None


def switch_of(key: str) -> Switch:
    """Give a switch. Raises NotFound."""
    if key not in ALL:
        raise NotFound("switch")
    return ALL[key]


def holds(stored: Mapping[tuple[str, str], Value], switch: Switch, *reaches: str) -> Value:
    """Give what holds, by the first reach that has a value that fits; the default where none has."""
    for reach in (*reaches, EVERYBODY):
        value = stored.get((switch.key, reach))
        if value is not None and switch.fits(value):
            return value
    return switch.default


async def stored(unit: Unit) -> list[Stored]:
    """Give all that operators have set."""
    rows = await unit.fetch("SELECT * FROM auth_switches()")
    return [Stored(**{**row, "value": json.loads(row["value"])}) for row in rows]


async def value_in(unit: Unit, switch: Switch, *reaches: str) -> Value:
    """Give what holds, read now."""
    return holds({(one.key, one.reach): one.value for one in await stored(unit)}, switch, *reaches)


async def number_in(unit: Unit, switch: Switch) -> int:
    """Give a number that holds for everybody, read now."""
    return int(await value_in(unit, switch))


async def is_on(read: Read, switch: Switch) -> bool:
    """Claim that a feature isn't off for this business, for its plan or for everybody."""
    plan = await read.fetchval("SELECT plan FROM tenant WHERE id = $1", read.tenant)
    return bool(await value_in(read, switch, f"business:{read.tenant}", f"plan:{plan}"))


async def require(read: Read, switch: Switch) -> None:
    """Let a business use a feature that isn't off for it. Raises SwitchedOff."""
    if not await is_on(read, switch):
        raise SwitchedOff


class Remembered:
    """What was set, remembered for two seconds in this process."""

    def __init__(self) -> None:
        self._until: datetime | None = None
        self._stored: dict[tuple[str, str], Value] = {}

    async def value(self, db: Database, switch: Switch, *reaches: str) -> Value:
        """Give what holds. Raises Busy."""
        now = db.clock.now()
        if self._until is None or not now < self._until <= now + KNOWN_FOR:
            async with db.platform() as unit:
                self._stored = {(one.key, one.reach): one.value for one in await stored(unit)}
            self._until = now + KNOWN_FOR
        return holds(self._stored, switch, *reaches)

    def forget(self) -> None:
        """Read anew: something has just been set here."""
        self._until = None


REMEMBERED: Final = Remembered()


# -- what the operator sets


async def put(tx: Tx, switch: Switch, reach: str, value: Value | None) -> None:
    """Set a value for a reach, or (None) go back; the same again changes nothing. `tx` is the platform's.

    Raises Invalid for a reach of a switch that is the same for everybody.
    """
    if reach and not switch.by_business:
        raise Invalid({"reach": [_("This is the same for everybody.")]})
    after = None if value is None else json.dumps(value)
    row = await tx.fetchrow(
        "SELECT before FROM auth_set_switch($1, $2, $3, $4::text::jsonb, $5, $6)",
        new_id(), switch.key, reach, after, tx.now, tx.actor.id,
    )  # fmt: skip
    if row is not None:
        before = None if row["before"] is None else json.loads(row["before"])
        tx.audit("switch.set", "switch", None, switch=switch.key, reach=reach, before=before, after=value)


async def changes(unit: Unit, key: str, after: tuple[datetime | None, UUID | None], most: int) -> list[Change]:
    """List what was set, the last first; `after` is the moment and the id of the last one shown."""
    rows = await unit.fetch("SELECT * FROM auth_switch_changes($1, $2, $3, $4)", key, *after, most)
    return [Change(**{**row, "before": _read(row["before"]), "after": _read(row["after"])}) for row in rows]


def _read(text: str | None) -> Value | None:
    if text is None:
        return None
    value: Value = json.loads(text)
    return value
