"""Write tests/vectors/pricing.json: what docs/algorithms/pricing.md says, worked out with exact fractions.

This is the referee of the two pricing engines. It is written from the document alone, shares no code with either
engine, favours the plainest way over the fastest, and always makes the same file:

    python tests/vectors/make_pricing_vectors.py
"""

from __future__ import annotations

import json
import math
import random
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("pricing.json")
MILLION = 1_000_000
SEED = 20_261_120


def rounded(exact: Fraction) -> int:
    """Round to a whole number, halves away from zero."""
    down = math.floor(abs(exact) + Fraction(1, 2))
    return down if exact >= 0 else -down


def sign(number: Fraction | int) -> int:
    return (number > 0) - (number < 0)


def largest_remainder(quotas: list[Fraction], total: int) -> list[int]:
    """Share out `total` so that every share is its quota rounded down or up."""
    shares = [math.floor(quota) for quota in quotas]
    for _ in range(total - sum(shares)):
        # max() keeps the first of equals, which is the tie rule: the lowest index
        winner = max(range(len(quotas)), key=lambda i: quotas[i] - shares[i])
        shares[winner] += 1
    return shares


@dataclass
class Line:
    quantity: int
    price: int
    discount: int
    rate: int
    code: str
    amount: int = 0
    charged: int = 0
    tax: int = 0


def price(lines: list[Line], *, inclusive: bool, basket_discount: int) -> dict[str, Any]:
    """Price a basket by the document's steps 1 to 6."""
    for line in lines:
        line.amount = rounded(Fraction(line.quantity, 1000) * line.price)  # step 1
        low, high = sorted((0, line.amount))
        line.discount = min(max(line.discount, low), high)  # step 2
        line.charged = line.amount - line.discount
    if basket_discount:  # step 3
        side = sign(basket_discount)
        taking = [line for line in lines if line.charged * side > 0]
        room = sum(abs(line.charged) for line in taking)
        spread = min(abs(basket_discount), room)
        quotas = [Fraction(abs(line.charged) * spread, room) for line in taking]
        for line, share in zip(taking, largest_remainder(quotas, spread), strict=True):
            line.discount += side * share
            line.charged -= side * share
    groups: dict[tuple[str, int], list[Line]] = {}
    for line in lines:
        groups.setdefault((line.code, line.rate), []).append(line)
    taxes = []
    for (code, rate), members in groups.items():  # steps 4 and 5
        factor = Fraction(rate, MILLION + rate) if inclusive else Fraction(rate, MILLION)
        exact = [line.charged * factor for line in members]
        tax = rounded(sum(exact, Fraction(0)))
        side = sign(sum(exact)) or next((sign(x) for x in exact if x), 1)
        for line, part in zip(members, largest_remainder([side * x for x in exact], side * tax), strict=True):
            line.tax = side * part
        charged = sum(line.charged for line in members)
        taxes.append([code, rate, charged - tax if inclusive else charged, tax])
    answer = [[line.amount, line.discount, line.charged - (line.tax if inclusive else 0), line.tax] for line in lines]
    return {  # step 6
        "lines": answer,
        "taxes": taxes,
        "sums": [
            sum(line.amount for line in lines),
            sum(line.discount for line in lines),
            sum(net for _, _, net, _ in answer),
            sum(tax for _, _, _, tax in answer),
            sum(net + tax for _, _, net, tax in answer),
        ],
    }


def cash(total: int, part: int, unit: int) -> list[int]:
    """Round the cash part to the coins there are: [cash, rounding, due]."""
    paid = unit * rounded(Fraction(part, unit))
    return [paid, paid - part, total + paid - part]


def returned(sold: list[int], quantity: int) -> list[int]:
    """Say what a line gave back once `quantity` of it is back: [amount, discount, charged, tax, cost]."""
    of, amount, discount, tax, cost = sold
    back = rounded(Fraction(amount * quantity, of))
    off = rounded(Fraction(back * discount, amount)) if amount else 0
    charged = amount - discount
    duty = rounded(Fraction((back - off) * tax, charged)) if charged else 0
    return [back, off, back - off, duty, rounded(Fraction(cost * quantity, of))]


# -- the cases ----------------------------------------------------------------------------------------------------

RATES = {
    "de": [("standard", 190_000), ("reduced", 70_000), ("zero", 0)],
    "us": [("state", 62_500), ("city", 88_750), ("food", 0)],
    "fr": [("n", 200_000), ("i", 100_000), ("r", 55_000), ("p", 21_000)],
    "odd": [("a", 333_333), ("b", 1), ("c", 999_999), ("d", 5_000_000)],
    "one": [("vat", 70_000), ("vat", 77_000)],  # a rate that changed: same code, two rates
}


def some_line(random_: random.Random, rates: list[tuple[str, int]], scale: int) -> Line:
    code, rate = random_.choice(rates)
    quantity = random_.choice([1000, 1000, 1000, 2000, 3000, 12_000, 762, 1, 999, 500, random_.randrange(1, 25_000)])
    unit_price = random_.choice([0, 1, 5, 99, 100, 135, 299, 333, 1000, 1999, random_.randrange(scale)])
    amount = rounded(Fraction(quantity * unit_price, 1000))
    discount = random_.choice([0, 0, 0, 0, 1, amount // 2, amount // 3, amount, amount + 7, -3])
    return Line(quantity, unit_price, discount, rate, code)


def some_basket(random_: random.Random, number: int) -> tuple[list[Line], bool, int]:
    rates = random_.choice(list(RATES.values()))
    scale = random_.choice([200, 2_000, 20_000, 3_000_000])
    many = random_.choice([1, 1, 2, 2, 3, 3, 4, 5]) if number % 100 else 30
    lines = [some_line(random_, rates, scale) for _ in range(many)]
    if number % 5 == 0:  # equal lines, so that the tie rule decides
        lines = [Line(**vars(lines[0])) for _ in lines]
    kind = number % 8
    if kind == 6:  # an exchange: some lines come back
        for line in lines[::2]:
            line.quantity, line.discount = -line.quantity, -line.discount
    if kind == 7:  # a return alone
        for line in lines:
            line.quantity, line.discount = -line.quantity, -line.discount
    size = abs(sum(rounded(Fraction(line.quantity * line.price, 1000)) for line in lines))
    basket_discount = random_.choice([0, 0, 0, 1, 50, 100, size // 10, size // 3, size, size + 1])
    return lines, number % 2 == 0, -basket_discount if kind == 7 else basket_discount


EDGES: list[tuple[list[Line], bool, int]] = [
    ([], True, 0),
    ([], False, 100),
    ([Line(0, 100, 0, 70_000, "a")], True, 5),
    ([Line(1000, 0, 0, 70_000, "a")], False, 5),
    ([Line(1000, 0, 10, 0, "a"), Line(1000, 100, 0, 0, "a")], True, 30),
    ([Line(1000, 100, 0, 70_000, "a"), Line(-1000, 100, 0, 70_000, "a")], True, 0),
    ([Line(-1000, 100, 0, 70_000, "a"), Line(1000, 100, 0, 70_000, "a")], False, 0),
    ([Line(1000, 100, 0, 70_000, "a"), Line(-3000, 33, 0, 70_000, "a")], False, 0),
    ([Line(1000, -100, -30, 70_000, "a"), Line(1000, 500, 0, 70_000, "a")], True, 40),
    # the largest there is: 10^15 minor units, where products of two numbers leave the 53 bits of a double
    ([Line(1_000_000_000_000, 1_000_000, 0, 190_000, "a")], True, 0),
    ([Line(1_000_000_000_000, 1_000_000, 1, 190_000, "a")], False, 1),
    ([Line(999_999_999, 333_333_333, 7, 190_000, "a"), Line(1, 999_999_999_999, 0, 70_000, "b")], True, 123_456_789),
    ([Line(999_999_999, 333_333_333, 7, 5_000_000, "a"), Line(333_333, 1_000_000_001, 0, 1, "b")], False, 99),
    ([Line(123_456_789, 987_654_321, 0, 333_333, "a")] * 3, True, 98_765_432_123),
    ([Line(123_456_789, 987_654_321, 0, 333_333, "a")] * 3, False, 98_765_432_123),
]


def basket_case(lines: list[Line], inclusive: bool, basket_discount: int) -> list[Any]:
    """Make `[inclusive, basket discount, lines asked, lines priced, taxes, sums]`."""
    own = [Line(**vars(line)) for line in lines]
    asked = [[line.quantity, line.price, line.discount, line.rate, line.code] for line in own]
    priced = price(own, inclusive=inclusive, basket_discount=basket_discount)
    return [int(inclusive), basket_discount, asked, priced["lines"], priced["taxes"], priced["sums"]]


def return_case(random_: random.Random, number: int) -> list[Any]:
    """Make `[inclusive, sold [quantity, amount, discount, tax, cost], [[back before, back after, the piece], ...]]`."""
    inclusive = number % 2 == 0
    line = some_line(random_, random_.choice(list(RATES.values())), 30_000)
    [row] = price([line], inclusive=inclusive, basket_discount=random_.choice([0, 0, 1, 10]))["lines"]
    sold = [line.quantity, row[0], row[1], row[3], random_.randrange(20_000)]
    whole = line.quantity % 1000 == 0
    stops = {line.quantity}
    for _ in range(random_.randrange(4)):
        cut = random_.randrange(line.quantity)
        stops.add(cut // 1000 * 1000 if whole else cut)
    pieces, before = [], 0
    for after in sorted(stops - {0}):
        old, new = returned(sold, before), returned(sold, after)
        amount, discount, charged, tax, cost = (b - a for a, b in zip(old, new, strict=True))
        pieces.append([before, after, [-amount, -discount, -charged + (tax if inclusive else 0), -tax, -cost]])
        before = after
    return [int(inclusive), sold, pieces]


def cash_case(random_: random.Random) -> list[Any]:
    """Make `[total, cash part, unit, [cash, rounding, due]]`."""
    side = random_.choice([1, 1, 1, -1])
    total = side * random_.choice([0, 1, 2, 3, 1002, 1003, random_.randrange(100_000)])
    part = random_.choice([total, total, 0, total // 2 if total > 0 else -(-total // 2)])
    unit = random_.choice([1, 5, 5, 10, 25, 50, 100, 500])
    return [total, part, unit, cash(total, part, unit)]


def cost_case(random_: random.Random) -> list[Any]:
    """Make `[unit cost in minor units as text, quantity, cost]`."""
    micros = random_.choice([0, 500_000, 1_500_000, 84_333_333, random_.randrange(5_000 * MILLION)])
    quantity = random_.choice([1000, 3000, 762, 1, 500, -1000, -500, random_.randrange(-9_000, 99_000)])
    return [f"{micros // MILLION}.{micros % MILLION:06}", quantity, rounded(Fraction(micros * quantity, 10**9))]


def document() -> str:
    """Write the whole file, one case to a line so that a change can be read."""
    random_ = random.Random(SEED)
    parts = {
        "baskets": [basket_case(*edge) for edge in EDGES]
        + [basket_case(*some_basket(random_, number)) for number in range(2500)],
        "returns": [return_case(random_, number) for number in range(500)],
        "cash": [cash_case(random_) for _ in range(300)],
        "costs": [cost_case(random_) for _ in range(200)],
    }
    rows = [
        f'"{name}":[\n' + ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases) + "\n]"
        for name, cases in parts.items()
    ]
    return '{"version":"1",\n' + ",\n".join(rows) + "\n}\n"


if __name__ == "__main__":
    FILE.write_text(document(), encoding="utf-8")
