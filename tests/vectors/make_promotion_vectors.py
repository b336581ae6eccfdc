"""Write tests/vectors/promotions.json: what docs/algorithms/promotions.md says, worked out piece by piece.

This is the referee of the two engines. It is written from the document alone, shares no code with either, lays every
piece on the table by itself, and always makes the same file:

    python tests/vectors/make_promotion_vectors.py
"""

from __future__ import annotations

import json
import math
import random
from fractions import Fraction
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("promotions.json")
SEED = 20_261_121
CASES = 700


def rounded(exact: Fraction) -> int:
    """Round halves away from zero; nothing here is below 0."""
    return math.floor(exact + Fraction(1, 2))


class Piece:
    """One piece on the table."""

    def __init__(self, line: int, item: dict[str, Any], value: int, *, counted: bool) -> None:
        self.line, self.item, self.value, self.counted = line, item, value, counted
        self.milli = 1000 if counted else item["quantity"]
        self.touched, self.gone = False, False

    def rank(self) -> tuple[Any, ...]:
        return (-self.value, self.item["product"], self.item["id"], self.touched)

    def alike(self) -> tuple[Any, ...]:
        return (self.line, self.value, self.touched)


def pieces_of(items: list[dict[str, Any]]) -> list[Piece]:
    found = []
    for line, item in enumerate(items):
        if item["quantity"] <= 0 or item["price"] <= 0 or item["by_hand"] or item["type"] in ("deposit", "gift_card"):
            continue
        if item["weighed"] or item["quantity"] % 1000:
            worth = rounded(Fraction(item["quantity"], 1000) * item["price"])
            found.append(Piece(line, item, worth, counted=False))
        else:
            found += [Piece(line, item, item["price"], counted=True) for _ in range(item["quantity"] // 1000)]
    return found


def among(piece: Piece, goods: dict[str, Any]) -> bool:
    own = {"products": {piece.item["product"]}, "categories": set(piece.item["categories"]),
           "tags": set(piece.item["tags"])}  # fmt: skip
    if any(own[name] & set(goods.get("not_" + name, [])) for name in own):
        return False
    named = [name for name in own if goods.get(name)]
    return not named or any(own[name] & set(goods[name]) for name in named)


def share(parts: list[list[Piece]], weights: list[int], amount: int) -> dict[Piece, int]:
    """Share out by largest remainder; inside a part the first pieces get one more."""
    quotas = [Fraction(amount * weight, sum(weights)) for weight in weights] if amount else [Fraction(0)] * len(parts)
    given = [math.floor(quota) for quota in quotas]
    while sum(given) < amount:
        given[max(range(len(parts)), key=lambda i: quotas[i] - given[i])] += 1
    off = {}
    for part, sum_of in zip(parts, given, strict=True):
        for at, piece in enumerate(part):
            off[piece] = sum_of // len(part) + (at < sum_of % len(part))
    return off


def by_value(pieces: list[Piece], amount: int) -> dict[Piece, int]:
    parts: dict[Any, list[Piece]] = {}
    for piece in pieces:
        parts.setdefault(piece.alike(), []).append(piece)
    return share(list(parts.values()), [sum(p.value for p in part) for part in parts.values()], amount)


def tables(offer: dict[str, Any], pieces: list[Piece]) -> tuple[list[Piece], list[Piece]]:
    """Give all pieces of an offer's goods, and those it may take, both in order."""
    terms = offer["terms"]
    goods = [slot["goods"] for slot in terms["slots"]] if offer["kind"] == "meal" else [terms["goods"]]
    goods += [terms["get"]] if terms.get("get") is not None else []
    every = sorted((p for p in pieces if any(among(p, one) for one in goods)), key=Piece.rank)
    return every, [p for p in every if usable(offer, p)]


def usable(offer: dict[str, Any], piece: Piece) -> bool:
    return piece.value > 0 and not piece.gone and not (offer["exclusive"] and piece.touched)


def fill(pieces: list[Piece], slots: list[Any], meals: int) -> list[Piece] | None:
    """Try every way to fill the slots of so many meals; the one with most value, of equals the first pieces."""
    fits = [[at for at, slot in enumerate(slots) if among(p, slot["goods"])] for p in pieces]
    states: dict[tuple[int, ...], tuple[int, tuple[int, ...]]] = {(0,) * len(slots): (0, ())}
    for piece, places in zip(pieces, fits, strict=True):
        after: dict[tuple[int, ...], tuple[int, tuple[int, ...]]] = {}
        for state, (value, chosen) in states.items():
            nexts = [(state, (value, (*chosen, 0)))]
            for at in places:
                if state[at] < meals:
                    grown = (*state[:at], state[at] + 1, *state[at + 1 :])
                    nexts.append((grown, (value + piece.value, (*chosen, 1))))
            for grown, worth in nexts:
                after[grown] = max(after.get(grown, (-1, ())), worth)
        states = after
    best = states.get((meals,) * len(slots))
    return [p for p, flag in zip(pieces, best[1], strict=True) if flag] if best else None


def per_piece(offer: dict[str, Any], table: list[Piece], off: Any) -> dict[Piece, int]:
    found: dict[Piece, int] = {}
    for piece in table:
        amount = min(piece.value, off(piece))
        if amount > 0 and len(found) < limit(offer):
            found[piece] = amount
    return found


def limit(offer: dict[str, Any]) -> float:
    return math.inf if offer["times"] is None else offer["times"]


def buy_get(offer: dict[str, Any], table: list[Piece]) -> dict[Piece, int]:
    terms, off = offer["terms"], {}
    table = [p for p in table if p.counted]
    part = Fraction(terms["percent"], 10_000)
    if terms.get("get") is None:
        size = terms["buy"] + terms["free"]
        for number in range(len(table) // size):
            if number < limit(offer):
                group = table[number * size : (number + 1) * size]
                off |= {p: rounded(p.value * part) if at >= terms["buy"] else 0 for at, p in enumerate(group)}
        return off
    bought = [p for p in table if among(p, terms["goods"])]
    rest = [p for p in table if not among(p, terms["goods"])]
    deals = min(len(bought) // terms["buy"], limit(offer))
    given = rest[: int(min(deals * terms["free"], len(rest)))]
    needed = math.ceil(Fraction(len(given), terms["free"])) * terms["buy"]
    cheapest = bought[len(bought) - needed :] if needed else []
    return {p: rounded(p.value * part) for p in given} | dict.fromkeys(cheapest, 0)


def mix(offer: dict[str, Any], table: list[Piece]) -> dict[Piece, int]:
    table, size, off, used = [p for p in table if p.counted], offer["terms"]["count"], {}, 0
    for begin in range(0, len(table) - size + 1, size):
        group = table[begin : begin + size]
        saved = sum(p.value for p in group) - offer["terms"]["price"]
        if saved > 0 and used < limit(offer):
            off |= by_value(group, saved)
            used += 1
    return off


def meal(offer: dict[str, Any], table: list[Piece]) -> dict[Piece, int]:
    table, slots, price = [p for p in table if p.counted], offer["terms"]["slots"], offer["terms"]["price"]
    best: list[Piece] = []
    meals, saved = 0, 0
    while meals + 1 <= limit(offer):
        filled = fill(table, slots, meals + 1)
        if filled is None or sum(p.value for p in filled) - (meals + 1) * price <= saved:
            break
        meals, best, saved = meals + 1, filled, sum(p.value for p in filled) - (meals + 1) * price
    return by_value(best, saved) if best else {}


def spread(rule: dict[str, Any], table: list[Piece], *, together: bool) -> dict[Piece, int]:
    spend = sum(p.value for p in table)
    if not table:
        return {}
    if rule.get("percent") and not together:
        return {p: rounded(Fraction(p.value * rule["percent"], 10_000)) for p in table}
    if rule.get("percent"):
        return by_value(table, rounded(Fraction(spend * rule["percent"], 10_000)))
    return by_value(table, min(spend, rule["amount"]))


def terms_off(  # noqa: PLR0911 - one for each kind
    offer: dict[str, Any], every: list[Piece], table: list[Piece]
) -> dict[Piece, int]:
    terms = offer["terms"]
    match offer["kind"]:
        case "percent":
            return per_piece(offer, table, lambda p: rounded(Fraction(p.value * terms["percent"], 10_000)))
        case "amount":
            return per_piece(offer, table, lambda p: rounded(Fraction(p.milli * terms["amount"], 1000)))
        case "fixed":
            return per_piece(offer, table, lambda p: p.value - rounded(Fraction(p.milli * terms["price"], 1000)))
        case "buy_get":
            return buy_get(offer, table)
        case "mix":
            return mix(offer, table)
        case "meal":
            return meal(offer, table)
        case "tiered":
            reached = len(table) if terms["by"] == "pieces" else sum(p.value for p in table)
            tiers = [tier for tier in terms["tiers"] if tier["from"] <= reached]
            return spread(tiers[-1], table, together=False) if tiers else {}
        case _:
            return spread(terms, table, together=True) if sum(p.value for p in every) >= terms["from"] else {}


def counting(offer: dict[str, Any], table: list[Piece]) -> list[Piece]:
    return [p for p in table if among(p, offer["terms"]["goods"])] if offer["kind"] == "buy_get" else table


def attempt(offer: dict[str, Any], pieces: list[Piece]) -> dict[Piece, int]:
    every, table = tables(offer, pieces)
    counts = counting(offer, table)
    if len(counts) < offer["least_pieces"] or sum(p.value for p in counts) < offer["least_spend"]:
        return {}
    off = terms_off(offer, every, table)
    if offer["most"] is not None and sum(off.values()) > offer["most"]:
        parts: dict[Any, list[Piece]] = {}
        for piece in sorted((p for p in off if off[p]), key=lambda p: (*p.rank(), -off[p])):
            parts.setdefault((piece.alike(), off[piece]), []).append(piece)
        weights = [sum(off[p] for p in part) for part in parts.values()]
        off = {p: 0 for p in off if not off[p]} | share(list(parts.values()), weights, offer["most"])
    return off


def holds(offer: dict[str, Any], at: dict[str, Any]) -> str:
    if offer["stores"] is not None and at["store"] not in offer["stores"]:
        return "store"
    early = offer["starts"] is not None and at["at"] < offer["starts"]
    late = offer["ends"] is not None and at["at"] >= offer["ends"]
    now = at["weekday"] * 1440 + at["minute"]
    opened = not offer["windows"]
    for window in offer["windows"]:
        length = window["to"] - window["from"] + (0 if window["to"] > window["from"] else 1440)
        opened |= any((now - day * 1440 - window["from"]) % (7 * 1440) < length for day in window["days"])
    if early or late or not opened:
        return "time"
    if offer["groups"] is not None and at["group"] not in offer["groups"]:
        return "group"
    return "coupon" if offer["coupon"] and offer["id"] not in at["coupons"] else ""


def why_not(offer: dict[str, Any], pieces: list[Piece]) -> list[Any]:
    every, table = tables(offer, pieces)
    counts, terms, kind = counting(offer, table), offer["terms"], offer["kind"]
    if not every:
        return ["goods", 0, 0, 0]
    least = {"mix": terms.get("count"), "buy_get": terms.get("buy", 0) + (terms.get("free", 0) if terms.get("get") is
             None else 0), "meal": len(terms.get("slots", ())), "basket": 0}.get(kind, 1)  # fmt: skip
    spend = terms["from"] if kind == "basket" else 0
    if kind == "tiered" and terms["by"] == "pieces":
        least = terms["tiers"][0]["from"]
    elif kind == "tiered":
        spend = terms["tiers"][0]["from"]
    costs = sum(p.value for p in (every if kind == "basket" else counts))
    if not counts and any(p.touched for p in every) and (kind != "basket" or costs >= max(spend, offer["least_spend"])):
        return ["taken", 0, 0, 0]
    more = max(0, max(least, offer["least_pieces"]) - len(counts))
    dearer = max(0, max(spend, offer["least_spend"]) - costs)
    return ["few" if more or dearer else "none", 0, more, dearer]


def work_out(items: list[Any], offers: list[Any], at: dict[str, Any]) -> dict[str, Any]:
    """Work a basket out by the document's section 3."""
    pieces = pieces_of(items)
    lines: list[list[Any]] = [[] for _ in items]
    verdicts = {offer["id"]: [why, 0, 0, 0] for offer in offers if (why := holds(offer, at))}
    left = sorted((offer for offer in offers if offer["id"] not in verdicts), key=lambda one: one["id"])
    while left:
        first = min((one["kind"] == "basket", -one["priority"]) for one in left)
        rivals = [one for one in left if (one["kind"] == "basket", -one["priority"]) == first]
        tried = [(sum(off.values()), offer, off) for offer in rivals if (off := attempt(offer, pieces)) is not None]
        most, offer, off = max(tried, key=lambda one: one[0])
        if not most:
            verdicts |= {one["id"]: why_not(one, pieces) for one in rivals}
            left = [one for one in left if one not in rivals]
            continue
        left.remove(offer)
        verdicts[offer["id"]] = ["used", most, 0, 0]
        for piece, amount in off.items():
            piece.value -= amount
            piece.touched, piece.gone = True, piece.gone or offer["exclusive"]
        for line in range(len(items)):
            amount = sum(amount for piece, amount in off.items() if piece.line == line)
            if amount:
                lines[line].append([offer["id"], amount])
    return {"lines": lines, "verdicts": [verdicts[offer["id"]] for offer in offers]}


# -- made-up cases ---------------------------------------------------------------------------------------------------

DEFAULTS = {
    "version": 1, "name": "", "priority": 0, "exclusive": True, "coupon": False, "stores": None, "groups": None,
    "starts": None, "ends": None, "windows": [], "least_pieces": 0, "least_spend": 0, "times": None, "most": None,
}  # fmt: skip


def some_goods(dice: random.Random) -> dict[str, Any]:
    goods: dict[str, Any] = {}
    if dice.random() < 0.5:
        goods["products"] = dice.sample("pqrst", dice.randint(1, 3))
    if dice.random() < 0.4:
        goods["categories"] = dice.sample("abc", dice.randint(1, 2))
    if dice.random() < 0.2:
        goods["tags"] = [dice.choice("xy")]
    if dice.random() < 0.15:
        goods[dice.choice(["not_products"])] = [dice.choice("pqrst")]
    if dice.random() < 0.1:
        goods["not_tags"] = [dice.choice("xy")]
    return goods


def some_rule(dice: random.Random) -> dict[str, int]:
    return {"percent": dice.choice([500, 1000, 3333, 5000])} if dice.random() < 0.5 else {
        "amount": dice.choice([50, 100, 499, 1000])}  # fmt: skip


def some_terms(dice: random.Random, kind: str) -> dict[str, Any]:  # noqa: PLR0911 - one for each kind
    goods = some_goods(dice)
    match kind:
        case "percent":
            return {"goods": goods, "percent": dice.choice([1, 500, 1000, 1250, 3333, 5000, 10_000])}
        case "amount":
            return {"goods": goods, "amount": dice.choice([1, 50, 100, 250, 999])}
        case "fixed":
            return {"goods": goods, "price": dice.choice([0, 99, 199, 250])}
        case "buy_get":
            get = some_goods(dice) if dice.random() < 0.4 else None
            percent = dice.choice([5000, 10_000, 3333])
            return {"goods": goods, "get": get, "buy": dice.randint(1, 3), "free": dice.randint(1, 2),
                    "percent": percent}  # fmt: skip
        case "mix":
            return {"goods": goods, "count": dice.randint(2, 4), "price": dice.choice([300, 500, 799])}
        case "meal":
            slots = [{"name": "", "goods": some_goods(dice)} for _ in range(dice.randint(2, 3))]
            return {"slots": slots, "price": dice.choice([200, 399, 599])}
        case "tiered":
            step = dice.choice([2, 3]) if (by := dice.choice(["pieces", "spend"])) == "pieces" else 500
            name = dice.choice(["percent", "amount"])
            return {"goods": goods, "by": by, "tiers": [{"from": step * n, name: 250 * n} for n in range(1, 4)]}
        case _:
            return {"goods": goods if dice.random() < 0.5 else {}, "from": dice.choice([0, 500, 1500, 4000]),
                    **some_rule(dice)}  # fmt: skip


KINDS = ["percent", "amount", "fixed", "buy_get", "mix", "meal", "tiered", "basket"]


def some_offer(dice: random.Random, number: int, kind: str) -> dict[str, Any]:
    offer = {"id": f"o{number}", "kind": kind, "terms": some_terms(dice, kind)}
    chances: list[tuple[float, str, Any]] = [
        (0.5, "exclusive", False), (0.3, "priority", dice.randint(1, 2)), (0.08, "coupon", True),
        (0.06, "stores", dice.sample("uv", 1)), (0.06, "groups", ["g"]), (0.06, "starts", dice.choice([400, 500, 600])),
        (0.06, "ends", dice.choice([400, 500, 600])), (0.1, "least_pieces", dice.randint(2, 4)),
        (0.1, "least_spend", dice.choice([400, 1000])), (0.2, "times", dice.randint(1, 3)),
        (0.15, "most", dice.choice([77, 150, 500])),
        (0.1, "windows", [{"days": dice.sample(range(7), 4), "from": dice.choice([0, 600, 1320]),
                           "to": dice.choice([120, 840, 1440])}]),
    ]  # fmt: skip
    return offer | {name: value for chance, name, value in chances if dice.random() < chance}


def some_item(dice: random.Random, number: int) -> dict[str, Any]:
    product = dice.choice("pqrst")
    weighed = product == "t"
    quantity = dice.randint(1, 2500) if weighed else 1000 * dice.choice([1, 1, 1, 2, 3, 5])
    item = {
        "id": f"l{number}", "product": product, "quantity": quantity,
        "price": dice.choice([1, 99, 199, 250, 499, 1000, dice.randint(0, 999)]),
        "categories": {"p": ["a"], "q": ["a", "b"], "r": ["b"], "s": ["c"], "t": ["c"]}[product],
        "tags": {"p": ["x"], "r": ["x", "y"]}.get(product, []), "weighed": weighed, "type": "goods", "by_hand": False,
    }  # fmt: skip
    if dice.random() < 0.06:
        item["type"] = dice.choice(["deposit", "gift_card", "service"])
    if dice.random() < 0.05:
        item["by_hand"] = True
    return item


def cases() -> list[dict[str, Any]]:
    dice = random.Random(SEED)
    made = []
    for number in range(CASES):
        items = [some_item(dice, at) for at in range(dice.randint(1, 5))]
        dice.shuffle(items)
        few = dice.randint(1, 4)
        offers = [some_offer(dice, at, KINDS[number % 8] if not at else dice.choice(KINDS)) for at in range(few)]
        coupons = [one["id"] for one in offers if dice.random() < 0.5]
        at = {"store": dice.choice("uuv"), "at": 500, "weekday": dice.randint(0, 6),
              "minute": dice.choice([0, 119, 120, 600, 839, 840, 1320, 1439]), "group": dice.choice(["", "g"]),
              "coupons": coupons}  # fmt: skip
        full = [{**DEFAULTS, **offer} for offer in offers]
        made.append({"items": items, "offers": offers, "at": at, **work_out(items, full, at)})
    return made


def document() -> str:
    """Give the file's text."""
    rows = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases())
    head = json.dumps({"version": "1", "defaults": DEFAULTS})[:-1]
    return f'{head}, "cases": [\n{rows}\n]}}\n'


if __name__ == "__main__":
    FILE.write_text(document(), encoding="utf-8")
