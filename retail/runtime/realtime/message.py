"""A live message: what it says, and how it travels to web processes and to sockets."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Message:
    """One message of one tenant. Versions count 1, 2, 3 … per tenant, over all topics; `facts` is JSON text."""

    version: int
    topic: str
    type: str
    facts: str
    wire: str = field(init=False, repr=False, compare=False)
    """The text that sockets get, made once for all of them."""

    def __post_init__(self) -> None:
        topic, kind = json.dumps(self.topic), json.dumps(self.type)
        text = f'{{"topic":{topic},"version":{self.version},"type":{kind},"data":{self.facts}}}'
        object.__setattr__(self, "wire", text)

    def concerns(self, stores: frozenset[UUID] | None) -> bool:
        """Claim that whoever may see these stores (None: all) may hear it: its facts name one of them."""
        return stores is None or _store_of(self.facts) in {str(store) for store in stores}


def _store_of(facts: str) -> object:
    told = json.loads(facts)
    return told.get("store") if isinstance(told, dict) else None


def pack(messages: Sequence[Message]) -> str:
    """Write messages as one publication."""
    return json.dumps([[m.version, m.topic, m.type, m.facts] for m in messages], separators=(",", ":"))


def unpack(text: str | bytes) -> list[Message]:
    """Read a publication. Raises ValueError where it isn't one."""
    try:
        return [
            Message(int(version), str(topic), str(kind), str(facts)) for version, topic, kind, facts in json.loads(text)
        ]
    except TypeError as cause:
        raise ValueError("not a publication of live messages") from cause


def control(kind: str, **facts: object) -> str:
    """Write a message about the stream itself: reset (fetch all again), lagging, live; `version` says where it is."""
    return json.dumps({"type": kind, **facts}, separators=(",", ":"))
