"""The demo's trade day by day: deliveries, shifts, sales, returns; the same for the same seed, now and size; pure."""

from __future__ import annotations

import random
from collections import Counter as Tally
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from retail.cash.rules import Shift
from retail.demo.baskets import USUAL_SIZE, Counter, Customers
from retail.demo.drawers import FLOAT_MINOR, Drawer
from retail.demo.premises import TIMEZONE, Premises
from retail.demo.seasons import CLOSES, HOUR_WEIGHTS, HOURS, cumulated, is_closed, pull_of_day, pulls_in_month
from retail.demo.shelves import Paper, Shelves
from retail.sales.documents import StoredSale
from retail.sales.past import id_at

SEED: Final = 20251020
_ZONE: Final = ZoneInfo(TIMEZONE)
_STORE_PULL: Final = (1.3, 1.0, 0.8)
_TILL_WEIGHTS: Final = (0.5, 0.3, 0.2)
_RETURNED: Final = 0.008
_GAP_DAYS: Final = 20
_HAGGLED_DAYS: Final = 6


@dataclass(frozen=True, slots=True)
class Size:
    """How much of it: days before today, stores (1 to 3), sales of a usual store on a usual day."""

    days: int = 396
    stores: int = 3
    sales_a_day: float = 48


@dataclass(slots=True)
class Day:
    """What one store did on one day."""

    day: date
    papers: list[Paper] = field(default_factory=list)
    drawers: list[Drawer] = field(default_factory=list)

    @property
    def sales(self) -> list[StoredSale]:
        """All sales and returns of the day, as stored at its end."""
        return [sale for drawer in self.drawers for sale in drawer.sales]


class Trade:
    """One store's history."""

    def __init__(self, premises: Premises, place: int, size: Size, now: datetime, today: date) -> None:
        self.premises, self.shop, self.size, self.now, self.today = premises, premises.shops[place], size, now, today
        self.first = today - timedelta(days=size.days)
        self._chance = random.Random(SEED + place)  # noqa: S311 - a demo, not a secret
        self._clerks = premises.staff.clerks[place]
        self._pull = size.sales_a_day * _STORE_PULL[place]
        self._taste = [self._chance.lognormvariate(0, 0.3) for _ in premises.articles]
        pulls = pulls_in_month(premises.articles, 4, self._taste)
        a_day = [self._pull * USUAL_SIZE * pull / sum(pulls) for pull in pulls]
        self.shelves = Shelves(self.shop, premises, a_day, self._chance)
        self._customers = Customers(premises, self.shelves, self._chance)
        self._numbers: Tally[tuple[UUID, str]] = Tally()
        self._shifts: Tally[UUID] = Tally()
        self._unhappy: dict[date, list[StoredSale]] = defaultdict(list)

    def days(self) -> Iterator[Day]:
        """Trade from the first day until now."""
        for number in range(self.size.days + 1):
            day = self.first + timedelta(days=number)
            made = Day(day)
            if day == self.today - timedelta(days=_GAP_DAYS):
                self.shelves.neglect()
            if day.weekday() == 0 and _moment(day, 6, 15) < self.now:
                season = pull_of_day(day + timedelta(days=3), self.first)
                papers = (
                    self.shelves.throw_away(_moment(day, 6, 5)),
                    self.shelves.deliver(_moment(day, 6, 15), season),
                )
                made.papers = [paper for paper in papers if paper]
            if not is_closed(day) or day == self.today:
                made.drawers = self._open(day)
                self._trade(day, made.drawers)
            yield made

    def _open(self, day: date) -> list[Drawer]:
        """Open the tills; of today's one each, and one more in the first store, which are open still."""
        tills = self.shop.tills
        today = day == self.today
        if today:
            tills = tills[: 2 if len(tills) > 2 else 1]
        clerks = self._chance.sample(self._clerks, len(tills))
        drawers = []
        for till, cashier in zip(tills, clerks, strict=True):
            opened = min(_moment(day, 6, self._chance.randrange(38, 58)), self.now)
            self._shifts[till] += 1
            shift = Shift(
                id_at(opened, self._chance.getrandbits(74)), self.shop.id, till, self._shifts[till], day, opened,
                cashier.id, cashier.name, FLOAT_MINOR, None, self._code(till), self.shop.name,
            )  # fmt: skip
            closes = None if today else _moment(day, CLOSES, self._chance.randrange(6, 28))
            drawers.append(Drawer(self.shop, shift, cashier, closes))
        return drawers

    def _trade(self, day: date, drawers: Sequence[Drawer]) -> None:
        weights = cumulated(pulls_in_month(self.premises.articles, day.month, self._taste))
        busy = self._pull * pull_of_day(day, self.first) * self._chance.lognormvariate(0, 0.09)
        haggled = self._chance.random() < 0.25 and day > self.today - timedelta(days=_HAGGLED_DAYS)
        for at in self._moments(day, round(busy)):
            drawer = self._chance.choices(drawers, _TILL_WEIGHTS[: len(drawers)])[0]
            counter = Counter(self.shop, drawer.shift.till, drawer.shift.id, drawer.cashier)
            number = self._numbers[counter.till, "sale"] + 1
            sold = self._customers.buy(counter, number, at, weights, haggled=haggled)
            if sold:
                haggled = False
                self._numbers[counter.till, "sale"] = number
                drawer.sales.append(sold)
                if self._chance.random() < _RETURNED:
                    self._unhappy[day + timedelta(days=self._chance.randrange(1, 5))].append(sold)
        self._take_back(day, drawers)
        for drawer in drawers:
            relieved = _moment(day, 15, 10 + drawer.shift.number % 40)
            if relieved < self.now:
                drawer.relieve(relieved, self._chance)
            if drawer.closes:
                drawer.count(self._chance)

    def _take_back(self, day: date, drawers: Sequence[Drawer]) -> None:
        """Take back what customers bring today, or brought on a day when the shop was closed."""
        for due in [due for due in self._unhappy if due <= day]:
            for sold in self._unhappy.pop(due):
                at = _moment(day, self._chance.randrange(9, 18), self._chance.randrange(60))
                if at < self.now:
                    drawer = self._chance.choice(drawers)
                    counter = Counter(self.shop, drawer.shift.till, drawer.shift.id, drawer.cashier)
                    self._numbers[counter.till, "return"] += 1
                    number = self._numbers[counter.till, "return"]
                    drawer.sales.append(self._customers.bring_back(counter, number, at, sold))

    def _moments(self, day: date, most: int) -> list[datetime]:
        """Choose when customers come, in order; nobody comes later than now."""
        moments = sorted(
            _moment(day, hour, 0) + timedelta(seconds=self._chance.randrange(3600))
            for hour in self._chance.choices(HOURS, HOUR_WEIGHTS, k=most)
        )
        return [at for at in moments if at < self.now]

    def _code(self, till: UUID) -> str:
        return self.shop.till_codes[self.shop.tills.index(till)]


def arrived(sales: Sequence[StoredSale], at: datetime) -> list[StoredSale]:
    """Say that sales reached the server at a moment, together."""
    return [replace(sale, received_at=at) for sale in sales]


def _moment(day: date, hour: int, minute: int) -> datetime:
    return datetime.combine(day, time(hour, minute), _ZONE)
