"""The strict schema of an offer's terms, by kind: what is wrong is told by field, what isn't known is refused; pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any, Final
from uuid import UUID

from retail.kit.text import _
from retail.promotions.kinds import KINDS, WHOLE

MOST_MINOR: Final = 10**12
MOST_PIECES: Final = 1_000
MOST_NAMED: Final = 2_000
MOST_TIERS: Final = 10
SLOTS: Final = (2, 6)
_TAG_LENGTH: Final = 60
_NAME_LENGTH: Final = 60

Errors = dict[str, list[str]]


class Checker:
    """Reads terms member by member; `errors` are by path, such as terms.tiers.0.from."""

    def __init__(self, given: Mapping[str, Any], path: str, errors: Errors) -> None:
        self.given, self.path, self.errors = given, path, errors
        self.read: dict[str, Any] = {}

    def wrong(self, name: str, sentence: str) -> None:
        """File a sentence under a member."""
        self.errors.setdefault(f"{self.path}{name}", []).append(sentence)

    def whole(self, name: str, least: int, most: int) -> int:
        """Read a whole number that must be there."""
        value = self.given.get(name)
        if type(value) is int and least <= value <= most:
            self.read[name] = value
            return value
        self.wrong(name, _("Type a whole number from %(least)d to %(most)d.") % {"least": least, "most": most})
        self.read[name] = least
        return least

    def goods(self, name: str) -> None:
        """Read goods: lists of products, categories and tags, and what is left out of them."""
        value = self.given.get(name)
        if not isinstance(value, Mapping):
            self.wrong(name, _("Say which goods: products, categories or tags. Nothing named is everything."))
            return
        inner = Checker(value, f"{self.path}{name}.", self.errors)
        for of in ("products", "categories", "tags", "not_products", "not_categories", "not_tags"):
            inner.names(of, texts=of.endswith("tags"))
        inner.nothing_else()
        self.read[name] = {of: names for of, names in inner.read.items() if names}

    def names(self, name: str, *, texts: bool) -> None:
        """Read a list of ids, or of tags."""
        value = self.given.get(name, [])
        if not isinstance(value, list) or len(value) > MOST_NAMED:
            self.wrong(name, _("Name at most %(most)d.") % {"most": MOST_NAMED})
            value = []
        found = [one for one in map(_tag if texts else _id, value) if one]
        if len(found) < len(value):
            self.wrong(name, _("Pick one from the list."))
        self.read[name] = list(dict.fromkeys(found))

    def rule(self) -> str:
        """Read one of percent and amount."""
        both = [name for name in ("percent", "amount") if self.given.get(name) is not None]
        if len(both) != 1:
            self.wrong("percent", _("Say either a percentage or an amount."))
            self.read |= {name: self.given[name] for name in both}
            return "percent"
        self.whole(both[0], 1, WHOLE if both[0] == "percent" else MOST_MINOR)
        return both[0]

    def nothing_else(self) -> None:
        """Refuse members that nobody knows."""
        for name, value in self.given.items():
            if name not in self.read and value is not None and f"{self.path}{name}" not in self.errors:
                self.wrong(name, _("This is not known here. Leave it out."))


def checked(kind: str, given: object) -> tuple[dict[str, Any], Errors]:
    """Read the terms of an offer: as they are kept, and what is wrong with them."""
    errors: Errors = {}
    if kind not in KINDS:
        return {}, {"kind": [_("Pick one from the list.")]}
    read = Checker(given if isinstance(given, Mapping) else {}, "terms.", errors)
    if kind != "meal":
        read.goods("goods")
    _READ[kind](read)
    read.nothing_else()
    return read.read, errors


def _percent(read: Checker) -> None:
    read.whole("percent", 1, WHOLE)


def _amount(read: Checker) -> None:
    read.whole("amount", 1, MOST_MINOR)


def _fixed(read: Checker) -> None:
    read.whole("price", 0, MOST_MINOR)


def _buy_get(read: Checker) -> None:
    read.whole("buy", 1, MOST_PIECES)
    read.whole("free", 1, MOST_PIECES)
    read.whole("percent", 1, WHOLE)
    if read.given.get("get") is not None:
        read.goods("get")


def _mix(read: Checker) -> None:
    read.whole("count", 2, MOST_PIECES)
    read.whole("price", 0, MOST_MINOR)


def _meal(read: Checker) -> None:
    slots = read.given.get("slots")
    found = [slot for slot in slots if isinstance(slot, Mapping)] if isinstance(slots, list) else []
    if not isinstance(slots, list) or len(found) != len(slots) or not SLOTS[0] <= len(found) <= SLOTS[1]:
        read.wrong("slots", _("A meal deal has 2 to 6 parts."))
    read.read["slots"] = []
    for at, slot in enumerate(found[: SLOTS[1]]):
        inner = Checker(slot, f"{read.path}slots.{at}.", read.errors)
        name = slot.get("name")
        inner.read["name"] = " ".join(name.split())[:_NAME_LENGTH] if isinstance(name, str) else ""
        inner.goods("goods")
        inner.nothing_else()
        if not inner.read.get("goods"):
            inner.wrong("goods", _("Say which goods this part is: a part may not be everything."))
        read.read["slots"].append(inner.read)
    read.whole("price", 0, MOST_MINOR)


def _tiered(read: Checker) -> None:
    by = read.given.get("by")
    read.read["by"] = by if by in {"pieces", "spend"} else "pieces"
    if by not in {"pieces", "spend"}:
        read.wrong("by", _("Pick one from the list."))
    tiers = read.given.get("tiers")
    found = [tier for tier in tiers if isinstance(tier, Mapping)] if isinstance(tiers, list) else []
    if not isinstance(tiers, list) or len(found) != len(tiers) or not 1 <= len(found) <= MOST_TIERS:
        read.wrong("tiers", _("Type at least one step, at most %(most)d.") % {"most": MOST_TIERS})
    read.read["tiers"] = []
    for at, tier in enumerate(found[:MOST_TIERS]):
        inner = Checker(tier, f"{read.path}tiers.{at}.", read.errors)
        inner.whole("from", 1, MOST_MINOR)
        inner.rule()
        inner.nothing_else()
        read.read["tiers"].append(inner.read)
    if not read.errors:
        _check_rising(read)


def _check_rising(read: Checker) -> None:
    tiers = read.read["tiers"]
    for at, (before, after) in enumerate(pairwise(tiers), start=1):
        if after["from"] <= before["from"]:
            read.wrong(f"tiers.{at}.from", _("Each step begins above the one before."))
        for name in ("percent", "amount"):
            if (name in before) != (name in after):
                read.wrong(f"tiers.{at}.percent", _("All steps take off a percentage, or all an amount."))
                break
            if name in after and after[name] <= before[name]:
                read.wrong(f"tiers.{at}.{name}", _("Each step takes more off than the one before."))


def _basket(read: Checker) -> None:
    read.whole("from", 0, MOST_MINOR)
    read.rule()


_READ: Final[Mapping[str, Callable[[Checker], None]]] = {
    "percent": _percent,
    "amount": _amount,
    "fixed": _fixed,
    "buy_get": _buy_get,
    "mix": _mix,
    "meal": _meal,
    "tiered": _tiered,
    "basket": _basket,
}


def _id(value: object) -> str:
    try:
        return str(UUID(value)) if isinstance(value, str) else ""
    except ValueError:
        return ""


def _tag(value: object) -> str:
    return value.strip() if isinstance(value, str) and 0 < len(value.strip()) <= _TAG_LENGTH else ""


def tags_in(terms: object) -> set[str]:
    """Give the tags that terms name, in whatever place."""
    if isinstance(terms, Mapping):
        named = {tag for of in ("tags", "not_tags") for tag in terms.get(of, ()) if isinstance(tag, str)}
        return named.union(*(tags_in(value) for value in terms.values()))
    return set().union(*(tags_in(one) for one in terms)) if isinstance(terms, list) else set()
