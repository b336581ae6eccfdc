"""What happened, told to the features above: typed facts in the past tense, stored in the sale's own transaction."""

from __future__ import annotations

import dataclasses
import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar, Final, Self, get_type_hints
from uuid import UUID

REGISTRY: dict[str, type[Event]] = {}


class UnknownEvent(LookupError):
    """An outbox row names an event that this version of the product doesn't know."""


def plain(value: object) -> str:
    """Write what JSON lacks (ids, decimals, moments, days) as text; for json.dumps(default=...). Raises TypeError."""
    if isinstance(value, UUID | Decimal):
        return str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} can't go into an event or a live message")


_JSON: Final = json.JSONEncoder(default=plain, separators=(",", ":"))

_READERS: dict[object, Any] = {
    UUID: UUID,
    Decimal: Decimal,
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
    UUID | None: lambda value: None if value is None else UUID(value),
}


class Event:
    """The base of every event: subclasses are frozen dataclasses with a dotted `name` of their own.

    Fields are ids and small facts (UUID, int, str, bool, Decimal, datetime, date, or lists of plain values);
    never HTML, never personal data.
    """

    name: ClassVar[str] = ""

    def __init_subclass__(cls) -> None:
        # A dataclass with slots makes its class twice; only another class is a clash.
        known = REGISTRY.get(cls.name, cls)
        if not cls.name or (known.__module__, known.__qualname__) != (cls.__module__, cls.__qualname__):
            raise TypeError(f"{cls.__name__} needs a name of its own")
        REGISTRY[cls.name] = cls

    def to_json(self) -> str:
        """Write the facts as JSON text, as they are: copying them first would cost more than a sale does."""
        facts = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}  # type: ignore[arg-type]
        return _JSON.encode(facts)

    @classmethod
    def from_facts(cls, facts: dict[str, Any]) -> Self:
        """Read the facts back with their types; unknown members, from a newer version, are left out."""
        hints = get_type_hints(cls)
        fields = [field.name for field in dataclasses.fields(cls)]  # type: ignore[arg-type]
        given = {name: facts[name] for name in fields if name in facts}
        return cls(**{name: _READERS.get(hints[name], lambda value: value)(value) for name, value in given.items()})


def decode(name: str, body: str) -> Event:
    """Turn an outbox row back into its event. Raises UnknownEvent."""
    kind = REGISTRY.get(name)
    if kind is None:
        raise UnknownEvent(name)
    return kind.from_facts(json.loads(body))
