"""The form of an offer: what people typed becomes an offer, and back; fields are named by their place in the terms."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from retail.kit.money import Currency, major
from retail.kit.text import _
from retail.promotions.facts import OfferFacts
from retail.promotions.kinds import KINDS, WHOLE
from retail.promotions.offers import MOST_PRIORITY, NAME_LENGTH
from retail.runtime.tenancy import TenantFacts
from retail.runtime.web.forms import Fields

ROWS: Final = 4
"""How many slots of a meal and steps of a tiered offer the form has."""
_CODES_MOST: Final = 20_000
_SPLIT: Final = re.compile(r"[,;\n]+")
_HUNDRED: Final = 100


@dataclass(frozen=True, slots=True)
class Around:
    """What a form is read with: the business, its stores and categories, and the products by what was typed."""

    facts: TenantFacts
    stores: Collection[UUID]
    categories: Collection[UUID]
    products: Mapping[str, UUID]


def goods_in_form(kind: str) -> list[str]:
    """Name the places of a kind's form that say which goods."""
    if kind == "meal":
        return [f"terms.slots.{at}.goods" for at in range(ROWS)]
    return ["terms.goods", "terms.get"] if kind == "buy_get" else ["terms.goods"]


def codes_in(fields: Fields) -> list[str]:
    """Give all SKUs and barcodes that were typed anywhere."""
    names = [name for name in fields.values if name.endswith(("products", "not_products"))]
    return sorted({code for name in names for code in _list(fields, name)})


def _list(fields: Fields, name: str) -> list[str]:
    return [one.strip() for one in _SPLIT.split(fields.text(name, _CODES_MOST)) if one.strip()]


def offer_in(fields: Fields, id: UUID, kind: str, around: Around) -> OfferFacts:
    """Read an offer; what is wrong with it as a whole is found when it is put. Raises Invalid."""
    name = fields.text("name", NAME_LENGTH, required=True)
    terms = _terms(fields, kind, around)
    zone, money = ZoneInfo(around.facts.timezone), around.facts.money
    stores = [store for store in around.stores if fields.flag(f"store.{store}")] if fields.flag("some_stores") else None
    of = OfferFacts(
        id,
        name,
        kind,
        terms,
        priority=fields.whole("priority", required=False, least=0, most=MOST_PRIORITY),
        exclusive=not fields.flag("combinable"),
        coupon=fields.flag("coupon"),
        stores=stores,
        groups=_list(fields, "groups") or None,
        starts_at=moment_in(fields, "starts_at", zone),
        ends_at=moment_in(fields, "ends_at", zone),
        windows=_windows(fields),
        least_pieces=fields.whole("least_pieces", required=False, least=0),
        least_spend=fields.money("least_spend", money, required=False),
        times=fields.whole("times", required=False, least=1) or None,
        most=fields.money("most", money, required=False) or None,
    )
    fields.check()
    return of


def _terms(fields: Fields, kind: str, around: Around) -> dict[str, Any]:
    money = around.facts.money
    goods = {"goods": _goods(fields, "terms.goods", around)} if kind != "meal" else {}
    if kind == "percent":
        own: dict[str, Any] = {"percent": percent_in(fields, "terms.percent")}
    elif kind == "amount":
        own = {"amount": fields.money("terms.amount", money)}
    elif kind == "fixed":
        own = {"price": fields.money("terms.price", money)}
    elif kind == "buy_get":
        own = {"get": _goods(fields, "terms.get", around)} if fields.flag("other_goods") else {}
        own |= {of: fields.whole(f"terms.{of}", least=1) for of in ("buy", "free")}
        own["percent"] = percent_in(fields, "terms.percent")
    elif kind == "mix":
        own = {"count": fields.whole("terms.count", least=2), "price": fields.money("terms.price", money)}
    elif kind == "meal":
        own = {"slots": _slots(fields, around), "price": fields.money("terms.price", money)}
    elif kind == "tiered":
        by = fields.choice("terms.by", ("pieces", "spend"))
        own = {"by": by, "tiers": _tiers(fields, by, money)}
    else:
        own = {"from": fields.money("terms.from", money, required=False)} | _rule(fields, "terms", money)
    return goods | own


def _goods(fields: Fields, place: str, around: Around) -> dict[str, list[str]]:
    goods: dict[str, list[str]] = {}
    for of in ("products", "not_products"):
        typed = _list(fields, f"{place}.{of}")
        unknown = [code for code in typed if code not in around.products]
        if unknown:
            said = _("No product has the SKU or barcode %(codes)s.") % {"codes": ", ".join(unknown[:5])}
            fields.error(f"{place}.{of}", said)
        goods[of] = [str(around.products[code]) for code in typed if code in around.products]
    for of in ("categories", "not_categories"):
        goods[of] = [str(one) for one in around.categories if fields.flag(f"{place}.{of}.{one}")]
    for of in ("tags", "not_tags"):
        goods[of] = _list(fields, f"{place}.{of}")
    return {of: named for of, named in goods.items() if named}


def _slots(fields: Fields, around: Around) -> list[dict[str, Any]]:
    slots = []
    for at in range(ROWS):
        goods = _goods(fields, f"terms.slots.{at}.goods", around)
        name = fields.text(f"terms.slots.{at}.name", 60)
        if goods or name:
            slots.append({"name": name, "goods": goods})
    return slots


def _tiers(fields: Fields, by: str, money: Currency) -> list[dict[str, int]]:
    tiers = []
    for at in range(ROWS):
        place = f"terms.tiers.{at}"
        if not any(fields.raw(f"{place}.{name}").strip() for name in ("from", "percent", "amount")):
            continue
        from_ = fields.whole(f"{place}.from", least=1) if by == "pieces" else fields.money(f"{place}.from", money)
        tiers.append({"from": from_} | _rule(fields, place, money))
    return tiers


def _rule(fields: Fields, place: str, money: Currency) -> dict[str, int]:
    rule = {}
    if fields.raw(f"{place}.percent").strip():
        rule["percent"] = percent_in(fields, f"{place}.percent")
    if fields.raw(f"{place}.amount").strip():
        rule["amount"] = fields.money(f"{place}.amount", money)
    return rule


def percent_in(fields: Fields, name: str) -> int:
    """Read a percentage as basis points."""
    typed = fields.text(name, 10, required=True).replace(",", ".").removesuffix("%").strip()
    if not typed:
        return 1
    try:
        basis = Decimal(typed) * _HUNDRED
    except InvalidOperation:
        basis = Decimal(0)
    if basis != basis.to_integral_value() or not 1 <= basis <= WHOLE:
        fields.error(name, _("Type a percentage from 0.01 to 100, like 20 or 12.5."))
        return 1
    return int(basis)


def moment_in(fields: Fields, name: str, zone: ZoneInfo) -> datetime | None:
    """Read a moment on the clock of the business."""
    typed = fields.text(name, 16)
    try:
        return datetime.fromisoformat(typed).replace(tzinfo=zone).astimezone(UTC) if typed else None
    except (ValueError, OverflowError):
        fields.error(name, _("Pick a day and a time."))
        return None


def _windows(fields: Fields) -> list[dict[str, Any]]:
    days = [day for day in range(7) if fields.flag(f"day.{day}")]
    begin, end = (_minute(fields, name) for name in ("from_time", "to_time"))
    if begin is None and end is None:
        return [{"days": days, "from": 0, "to": 1440}] if 0 < len(days) < 7 else []
    if begin is None or end is None or begin == end:
        fields.error("windows", _("Type both times, and two different ones."))
        return []
    return [{"days": days or list(range(7)), "from": begin, "to": end or 1440}]


def _minute(fields: Fields, name: str) -> int | None:
    typed = fields.text(name, 8)
    try:
        at = time.fromisoformat(typed) if typed else None
    except ValueError:
        fields.error(name, _("Type a time like 17:00."))
        return None
    return None if at is None else at.hour * 60 + at.minute


def values_of(of: OfferFacts, facts: TenantFacts, skus: Mapping[str, str]) -> dict[str, str]:
    """Write an offer as its form holds it; `skus` names the products."""
    zone = ZoneInfo(facts.timezone)
    window = of.windows[0] if of.windows else {"days": [], "from": None, "to": None}
    days = {f"day.{day}": "on" for day in window["days"]}
    hours = window if (window["from"], window["to"]) != (0, 1440) else {"from": None, "to": None}
    return (
        _flat("terms", of.terms, facts.money, skus, str(of.terms.get("by", "")))
        | days
        | {f"store.{store}": "on" for store in of.stores or ()}
        | {
            "name": of.name,
            "kind": of.kind,
            "priority": str(of.priority),
            "combinable": "" if of.exclusive else "on",
            "coupon": "on" if of.coupon else "",
            "some_stores": "on" if of.stores is not None else "",
            "other_goods": "on" if of.terms.get("get") is not None else "",
            "groups": ", ".join(of.groups or ()),
            "starts_at": _local(of.starts_at, zone),
            "ends_at": _local(of.ends_at, zone),
            "from_time": _clock(hours["from"]),
            "to_time": _clock(hours["to"]),
            "least_pieces": str(of.least_pieces or ""),
            "least_spend": _written(of.least_spend or None, facts.money),
            "times": str(of.times or ""),
            "most": _written(of.most, facts.money),
        }
    )


def _flat(place: str, value: Any, money: Currency, skus: Mapping[str, str], by: str) -> dict[str, str]:  # noqa: ANN401
    """Write terms as fields, each at its path."""
    last = place.rpartition(".")[2]
    parts: Iterable[tuple[object, object]] = ()
    if isinstance(value, Mapping):
        parts = value.items()
    elif isinstance(value, list) and last in {"slots", "tiers"}:
        parts = enumerate(value)
    elif isinstance(value, list):
        named = last.endswith("categories")
        return (
            {f"{place}.{one}": "on" for one in value}
            if named
            else {place: ", ".join(skus.get(one, one) for one in value)}
        )
    elif last == "percent":
        return {place: f"{Decimal(value) / _HUNDRED:f}"}
    else:
        money_here = last in {"amount", "price"} or (last == "from" and by != "pieces")
        return {place: _written(value, money) if money_here else str(value)}
    return {name: text for key, one in parts for name, text in _flat(f"{place}.{key}", one, money, skus, by).items()}


def products_in(terms: object) -> set[str]:
    """Give the products that terms name, in whatever place."""
    if isinstance(terms, Mapping):
        named = {one for of in ("products", "not_products") for one in terms.get(of, ())}
        return named.union(*(products_in(value) for value in terms.values()))
    parts: Iterable[object] = terms if isinstance(terms, list) else ()
    return set().union(*(products_in(one) for one in parts))


def kinds() -> list[tuple[str, str, str]]:
    """Name the kinds: key, name, what it does."""
    words = {
        "percent": (_("Percent"), _("20 % off some goods")),
        "amount": (_("Amount"), _("0.50 off each piece")),
        "fixed": (_("Fixed price"), _("each piece for 1.99")),
        "buy_get": (_("Buy and get"), _("buy 2, get 1 free")),
        "mix": (_("Mix and match"), _("any 3 for 5.00")),
        "meal": (_("Meal deal"), _("sandwich and drink for 5.99")),
        "tiered": (_("The more, the cheaper"), _("from 6 pieces 5 %, from 12 10 %")),
        "basket": (_("Whole basket"), _("from 50.00 on 5.00 off")),
    }
    return [(kind, *words[kind]) for kind in KINDS]


def _written(minor: int | None, money: Currency) -> str:
    return "" if minor is None else str(major(minor, money))


def _local(at: datetime | None, zone: ZoneInfo) -> str:
    return at.astimezone(zone).strftime("%Y-%m-%dT%H:%M") if at else ""


def _clock(minute: int | None) -> str:
    return "" if minute is None else f"{minute // 60 % 24:02d}:{minute % 60:02d}"
