"""Which event is told on which topic, to whom, and which partial of a page it repaints.

A feature's channels.py declares them:

    CHANNELS = [
        Channel(StockChanged, "stock:{store}", "stock.changed", VIEW_STOCK, facts=lambda e: {"product": e.product},
                partials=(Partial("stock/levels/_low.html", "#low-stock", low_stock),)),
    ]

Topics are a tenant's own: the same text in two shops names two topics. A listener is asked for the permission of every
channel that its topic belongs to; a topic that belongs to none can't be listened to.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from retail.runtime.db import Read
from retail.runtime.outbox import Event, plain

if TYPE_CHECKING:
    from retail.runtime.realtime.asks import Ask

Facts = dict[str, Any]
Names = Mapping[str, str]
Context = Callable[[Read, Names], Awaitable[dict[str, Any]]]
Rows = Callable[[Read, Names], Awaitable[Sequence[dict[str, Any]]]]

ANY_MEMBER: Final = "member"
"""The permission of topics that everyone who belongs to the shop may hear."""
THAT_PERSON: Final = "that person"
"""The permission of topics that name a {person}: nobody else hears them."""
NOBODY: Final = "nobody"
"""The permission of topics that only the product itself hears."""
ACCESS_TOPIC: Final = "access"
"""A message here makes every socket of the tenant prove its rights again, at once."""


def whole_event(event: Event) -> Facts:
    """Tell everything that the event holds."""
    facts: Facts = json.loads(event.to_json())
    return facts


@dataclass(frozen=True, slots=True)
class Partial:
    """One region of a page that is the same for everyone who hears the topic.

    `context` reads what the template needs; `target` is the region's CSS selector. Both may use the topic's names:
    for "stock:{store}", target "#levels-{store}". The template's root is the region itself (one root, one id).
    """

    template: str
    target: str
    context: Context
    swap: str = "outerMorph"


@dataclass(frozen=True, slots=True)
class ChartRows:
    """The rows of a chart (its data-chart name) that is the same for everyone who hears the topic."""

    chart: str
    rows: Rows


@dataclass(frozen=True, slots=True)
class Channel:
    """One event's way to the screens.

    `topic` is a pattern whose {names} are fields of the event; where such a field is None the event isn't told.
    `facts` makes the message's data: small, no personal data, no HTML; a list makes one message of each. It must be
    pure: it runs inside the relay's transaction. Whoever may see only some stores hears the topics that name one of
    them as {store}, those that say nothing of any store (`of_all_stores`), and of topics about all stores whose facts
    name a "store" (`by_store`) what happens in theirs: painted for them as if there were no other.
    """

    event: type[Event]
    topic: str
    type: str
    permission: str
    facts: Callable[[Any], Facts | Sequence[Facts]] = whole_event
    partials: tuple[Partial, ...] = ()
    charts: tuple[ChartRows, ...] = ()
    of_all_stores: bool = False
    by_store: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """A message that has no version yet; `facts` is JSON text."""

    topic: str
    type: str
    facts: str


@dataclass(frozen=True, slots=True)
class Region:
    """A partial with the names of the topic that it was found by."""

    partial: Partial
    names: Names

    @property
    def target(self) -> str:
        """The CSS selector with its names filled in."""
        return self.partial.target.format(**self.names)


_NAME = re.compile(r"\\\{(\w+)\\\}")
_VALUE = r"[A-Za-z0-9_.-]{1,64}"


def _reader(pattern: str) -> re.Pattern[str]:
    return re.compile(_NAME.sub(lambda found: f"(?P<{found[1]}>{_VALUE})", re.escape(pattern)))


class Switchboard:
    """All channels of the product: what an event is told as, and who may hear a topic. Pure; made once per process.

    `asks` are the questions that pages may ask over their sockets, by name.
    """

    def __init__(self, channels: Iterable[Channel], asks: Iterable[Ask] = ()) -> None:
        self.asks = {one.name: one for one in asks}
        self._by_event: dict[type[Event], list[Channel]] = defaultdict(list)
        self._patterns: dict[str, tuple[re.Pattern[str], list[Channel]]] = {}
        for channel in channels:
            self._check(channel)
            self._by_event[channel.event].append(channel)
            self._patterns.setdefault(channel.topic, (_reader(channel.topic), []))[1].append(channel)

    @staticmethod
    def _check(channel: Channel) -> None:
        fields = {field.name for field in dataclasses.fields(channel.event)}  # type: ignore[arg-type]
        unknown = set(re.findall(r"\{(\w+)\}", channel.topic)) - fields
        if unknown:
            raise TypeError(f"{channel.topic!r} needs {', '.join(sorted(unknown))}, which {channel.event.name} lacks")

    def drafts(self, event: Event) -> list[Draft]:
        """Say what listeners are told about an event; empty where no channel carries it."""
        return [draft for channel in self._by_event.get(type(event), ()) for draft in _drafts(channel, event)]

    def permissions(self, topic: str) -> frozenset[str]:
        """Name the permissions that a listener of the topic needs, all of them; empty: there is no such topic."""
        return frozenset(channel.permission for channel, _names in self._channels(topic))

    def store(self, topic: str) -> str | None:
        """Give the store that a topic is about as its name says it, "" for one of no store; None: of several."""
        told = [
            "" if channel.of_all_stores or channel.permission == ANY_MEMBER else names.get("store")
            for channel, names in self._channels(topic)
        ]
        return None if None in told or len(set(told)) != 1 else told[0]

    def person(self, topic: str) -> str | None:
        """Give the one person who may hear a topic of THAT_PERSON; None: several channels name several."""
        told = {names.get("person") for _channel, names in self._channels(topic)}
        return told.pop() if len(told) == 1 else None

    def is_by_store(self, topic: str) -> bool:
        """Claim that each message of the topic names its store, so that some may hear a part of it."""
        return all(channel.by_store for channel, _names in self._channels(topic))

    def regions(self, topic: str, types: Iterable[str] | None = None) -> list[Region]:
        """Find the partials that messages of these types repaint (None: all of the topic), each once."""
        wanted = None if types is None else set(types)
        found = {
            (partial.template, partial.target): Region(partial, names)
            for channel, names in self._channels(topic)
            if wanted is None or channel.type in wanted
            for partial in channel.partials
        }
        return list(found.values())

    def charts(self, topic: str, types: Iterable[str] | None = None) -> list[tuple[ChartRows, Names]]:
        """Find the charts that messages of these types change (None: all of the topic), each once."""
        wanted = None if types is None else set(types)
        found = {
            chart.chart: (chart, names)
            for channel, names in self._channels(topic)
            if wanted is None or channel.type in wanted
            for chart in channel.charts
        }
        return list(found.values())

    def _channels(self, topic: str) -> list[tuple[Channel, Names]]:
        return [
            (channel, match.groupdict())
            for pattern, channels in self._patterns.values()
            if (match := pattern.fullmatch(topic))
            for channel in channels
        ]


def _drafts(channel: Channel, event: Event) -> list[Draft]:
    names = {name: getattr(event, name) for name in re.findall(r"\{(\w+)\}", channel.topic)}
    if any(value is None for value in names.values()):
        return []
    told = channel.facts(event)
    each = [told] if isinstance(told, dict) else told
    topic = channel.topic.format(**names)
    return [Draft(topic, channel.type, json.dumps(facts, default=plain, separators=(",", ":"))) for facts in each]
