"""Reports of figures: measures by one or two sides over a time, from the read models, with what was before."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from retail.analytics import queries
from retail.analytics.rules import Totals, change, total
from retail.analytics.sections.asking import FACT_DAYS, Question
from retail.analytics.sections.breakdown import key_text, names_of, without_words
from retail.analytics.sections.reading import Side, TooLong
from retail.analytics.sections.reading import figures as read_figures
from retail.automation.reports.measures import MEASURES, SIDES, TIMES, WARES, known
from retail.automation.reports.sheet import Column, Row, Sheet, whole
from retail.kit.text import _
from retail.runtime.db import Read

Key = tuple[Any, ...]
Compared = tuple[Mapping[Key, Totals], Mapping[Key, Totals], Mapping[Key, Totals] | None]
"""The sums, those of the days that are over, and those before by the same keys; None: not compared."""
_NO_RECEIPTS: Final = frozenset({"weekday", "hour"})
_NOT_COMPARED: Final = frozenset({"month"})


@dataclass(frozen=True, slots=True)
class Choice:
    """What a report of figures shows: measures by sides. `costs`: whether whoever looks may see what goods cost."""

    sides: tuple[Side, ...]
    measures: tuple[str, ...]
    costs: bool

    @property
    def shown(self) -> list[str]:
        """Name the measures that whoever looks may see, in the order of the table of measures."""
        return [name for name in MEASURES if name in self.measures and (self.costs or not MEASURES[name].costs)]


async def figures_sheet(read: Read, question: Question, choice: Choice) -> Sheet:
    """Work a report of figures out. Raises TooLong."""
    await queries.plan_for_any_business(read)
    _refuse_too_many(question, choice)
    sums = await _compared(read, question, choice)
    rows = await _rows(read, question, choice, sums)
    return Sheet(
        _columns(choice, compared=sums[2] is not None),
        whole(rows),
        question.period.first,
        question.period.last,
        await _totals(read, question, choice, sums),
        await _drawn(read, question, choice, rows),
        _columns(choice, compared=False)[len(choice.sides)] if choice.shown else None,
    )


async def _drawn(read: Read, question: Question, choice: Choice, rows: Sequence[Row]) -> Sequence[Row]:
    """Give what a chart shows: the first measure by the first side, all of it in a row each."""
    if len(choice.sides) <= 1:
        return [Row((row.values[0], *row.values[len(choice.sides) :]), row.behind) for row in rows]
    alone = replace(choice, sides=choice.sides[:1])
    period = question.period
    now = await read_figures(read, question.narrowed, alone.sides, period.first, period.last)
    return await _rows(read, question, alone, (now, now, None))


async def _totals(
    read: Read,
    question: Question,
    choice: Choice,
    sums: Compared,
) -> list[Any]:
    """Give what all rows come to; how often goods were sold is counted without them, where that can be."""
    now, counted, before = sums
    rows, by_goods, narrowed = total(now.values()), bool(set(choice.sides) & WARES), question.narrowed.sides
    sales = rows
    if by_goods and not narrowed & WARES:
        period = question.period
        sales = (await read_figures(read, question.narrowed, (), period.first, period.last)).get((), Totals())

    def of(name: str) -> Any:  # noqa: ANN401 - any measure's own kind
        counts = name == "sales" or MEASURES[name].of_sales
        if not known(name, narrowed) or (counts and by_goods and narrowed & WARES):
            return None
        return MEASURES[name].value(sales if counts else rows)

    found = [None] * len(choice.sides) + [of(name) for name in choice.shown]
    if before is None:
        return found
    name = choice.shown[0]
    if by_goods and (name == "sales" or MEASURES[name].of_sales):
        return [*found, None, None]
    was, over = (MEASURES[name].value(total(one.values())) for one in (before, counted))
    return [*found, was, _change(over, was)]


def _refuse_too_many(question: Question, choice: Choice) -> None:
    """Products by the day over years would be rows without number: they are shown for as long as the facts are."""
    if "product" in choice.sides and len(choice.sides) > 1 and question.period.days > FACT_DAYS:
        raise TooLong


async def _compared(read: Read, question: Question, choice: Choice) -> Compared:
    period = question.period
    now = await read_figures(read, question.narrowed, choice.sides, period.first, period.last)
    if not question.compared or set(choice.sides) & _NOT_COMPARED or not choice.shown:
        return now, now, None
    counted, (first, last) = now, question.before
    if question.running and question.over >= period.first:
        last = question.over - question.back
        counted = await read_figures(read, question.narrowed, choice.sides, period.first, question.over)
    found = await read_figures(read, question.narrowed, choice.sides, first, last)
    places = [place for place, side in enumerate(choice.sides) if side in {"day", "week"}]
    return now, counted, {_later(key, places, question.back): one for key, one in found.items()}


def _later(key: Key, places: Sequence[int], by: timedelta) -> Key:
    return tuple(value + by if place in places else value for place, value in enumerate(key))


async def _rows(read: Read, question: Question, choice: Choice, sums: Compared) -> list[Row]:
    now, counted, before = sums
    values = {name: MEASURES[name].value for name in choice.shown}
    sides = frozenset(choice.sides) | question.narrowed.sides
    told = {name for name in choice.shown if known(name, sides)}
    keys = _sorted({*now, *(before or ())}, choice, now)
    names = [await _names(read, side, {key[place] for key in keys}) for place, side in enumerate(choice.sides)]
    rows = []
    for key in keys:
        one = now.get(key, Totals())
        cells: list[Any] = [names[place](value) for place, value in enumerate(key)]
        cells += [values[name](one) if name in told else None for name in choice.shown]
        if before is not None:
            measure = choice.shown[0]
            was = values[measure](before.get(key, Totals())) if measure in told else None
            cells += [was, _change(values[measure](counted.get(key, Totals())), was)]
        rows.append(Row(cells, _behind(question, choice, key)))
    return rows


def _sorted(keys: set[Key], choice: Choice, now: Mapping[Key, Totals]) -> list[Key]:
    """Put times in their order and all else the largest first, the rows of one thing together."""
    size: Callable[[Totals], Any] = MEASURES[choice.shown[0]].value if choice.shown else lambda one: one.revenue
    whole: dict[Any, Any] = {}
    for key, one in now.items():
        whole[key[:1]] = whole.get(key[:1], 0) + (size(one) or 0)

    def place(key: Key) -> tuple[Any, ...]:
        found: list[Any] = []
        for at, side in enumerate(choice.sides):
            of = whole.get(key[:1], 0) if at == 0 else size(now.get(key, Totals())) or 0
            found += [key[at]] if side in TIMES else [-of, str(key[at])]
        return tuple(found)

    return sorted(keys, key=place)


async def _names(read: Read, side: Side, keys: set[Any]) -> Callable[[Any], Any]:
    """Give what writes the keys of a side as values: times stay what they are."""
    if side in TIMES:
        return lambda key: key
    named = await names_of(read, side, list(keys))  # type: ignore[arg-type]  # times aside they are the same
    return lambda key: named.get(key) or without_words(side)  # type: ignore[arg-type]


def _change(now: Any, was: Any) -> Any:  # noqa: ANN401 - any measure's own kind
    if not isinstance(now, int) or not isinstance(was, int):
        return None
    moved = change(now, was)
    return moved.by if moved else None


def _columns(choice: Choice, *, compared: bool) -> list[Column]:
    found = [Column(_(SIDES[side]), side if side in TIMES else "text") for side in choice.sides]  # type: ignore[arg-type]
    found += [Column(MEASURES[name].words, MEASURES[name].kind, MEASURES[name].adds) for name in choice.shown]
    if compared:
        measure = MEASURES[choice.shown[0]]
        found += [Column(_("%(what)s before") % {"what": measure.words}, measure.kind), Column(_("Change"), "change")]
    return found


def _behind(question: Question, choice: Choice, key: Key) -> str:
    """Give the address of the receipts behind a row; '' where a list of them can't be narrowed so."""
    if set(choice.sides) & _NO_RECEIPTS:
        return ""
    first, last = question.period.first, question.period.last
    asked = dict(question.said)
    for side, value in zip(choice.sides, key, strict=True):
        if side in TIMES:
            first, last = max(first, value), min(last, _end(side, value))
        else:
            asked[side] = key_text(value)
    return f"/sales?{urlencode(asked | {'from': first.isoformat(), 'to': last.isoformat()})}"


def _end(side: Side, day: date) -> date:
    if side == "month":
        return (day + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return day + timedelta(days=6 if side == "week" else 0)
