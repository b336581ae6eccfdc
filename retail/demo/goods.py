"""The demo's 400 articles: names, sizes, prices and costs as a neighbourhood grocer has them, with valid EAN-13s."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from retail.kit.barcode import check_digit

ARTICLES = 400


@dataclass(frozen=True, slots=True)
class Shelf:
    """A category: its kinds of goods with their variants, sizes and price at the smallest size, in cents."""

    name: str
    hue: int
    reduced_tax: bool
    weight: float
    kinds: tuple[tuple[str, tuple[str, ...], tuple[tuple[str, float], ...], int], ...]
    by_weight: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Article:
    """One article of the demo; `pull` says how often it is bought, beside the others; `unit_cost` in cents."""

    sku: str
    name: str
    shelf: int
    price_minor: int
    unit_cost: Decimal
    unit: str
    decimals: int
    barcodes: tuple[str, ...]
    reorder_point: Decimal
    pull: float
    summer: float
    favourite: bool


ONE = (("", 1.0),)

SHELVES = (
    Shelf("Bakery", 70, reduced_tax=True, weight=3.2, kinds=(
        ("Sourdough loaf", ("", "rye", "spelt", "seeded"), (("500 g", 1.0), ("800 g", 1.45)), 290),
        ("Croissant", ("butter", "almond", "chocolate"), ONE, 160),
        ("Roll", ("wheat", "rye", "pumpkin seed", "poppy", "pretzel"), ONE, 45),
        ("Cinnamon bun", ("",), ONE, 230),
        ("Muffin", ("blueberry", "double chocolate", "lemon"), ONE, 220),
        ("Focaccia", ("rosemary", "olive"), ONE, 340),
        ("Baguette", ("", "wholegrain"), ONE, 190),
        ("Cheesecake slice", ("", "raspberry"), ONE, 350),
    )),
    Shelf("Dairy", 250, reduced_tax=True, weight=2.6, kinds=(
        ("Milk", ("whole", "semi-skimmed", "lactose-free", "oat", "soya"), (("1 l", 1.0),), 135),
        ("Greek yoghurt", ("", "honey", "0 % fat"), (("150 g", 1.0), ("500 g", 2.4)), 120),
        ("Fruit yoghurt", ("strawberry", "peach", "cherry", "vanilla"), (("150 g", 1.0),), 89),
        ("Butter", ("salted", "unsalted"), (("250 g", 1.0),), 269),
        ("Cheddar", ("mild", "mature"), (("200 g", 1.0), ("400 g", 1.85)), 299),
        ("Gouda", ("young", "aged"), (("200 g", 1.0),), 279),
        ("Mozzarella", ("", "buffalo"), (("125 g", 1.0),), 149),
        ("Feta", ("",), (("200 g", 1.0),), 249),
        ("Eggs", ("free-range", "organic"), (("6", 1.0), ("10", 1.55)), 219),
        ("Cream", ("single", "double"), (("200 ml", 1.0),), 129),
    )),
    Shelf("Fruit & veg", 145, reduced_tax=True, weight=2.8, kinds=(
        ("Salad", ("rocket", "baby spinach", "lamb's lettuce", "mixed leaves"), (("125 g", 1.0),), 179),
        ("Cucumber", ("",), ONE, 99),
        ("Avocado", ("", "ripe"), ONE, 149),
        ("Herbs", ("basil", "coriander", "parsley", "mint"), (("pot", 1.0),), 199),
        ("Berries", ("strawberry", "raspberry", "blueberry"), (("250 g", 1.0),), 349),
        ("Lemon", ("", "organic"), ONE, 59),
    ), by_weight=(
        ("Bananas", 199), ("Apples Braeburn", 249), ("Apples Granny Smith", 259), ("Pears Conference", 279),
        ("Oranges", 219), ("Tomatoes on the vine", 349), ("Carrots", 129), ("Onions", 119), ("Potatoes waxy", 149),
        ("Red peppers", 399), ("Courgettes", 279), ("Grapes white", 399),
    )),
    Shelf("Drinks", 20, reduced_tax=False, weight=2.7, kinds=(
        ("Cola", ("", "zero"), (("330 ml", 1.0), ("1 l", 1.7)), 110),
        ("Lemonade", ("lemon", "elderflower", "ginger"), (("330 ml", 1.0), ("750 ml", 1.9)), 149),
        ("Water", ("still", "sparkling"), (("500 ml", 1.0), ("1.5 l", 1.5)), 59),
        ("Juice", ("orange", "apple", "multivitamin", "tomato"), (("330 ml", 1.0), ("1 l", 1.9)), 129),
        ("Iced tea", ("peach", "lemon"), (("500 ml", 1.0),), 149),
        ("Pilsner", ("", "alcohol-free"), (("500 ml", 1.0),), 129),
        ("Wine", ("Riesling", "Pinot gris", "Merlot", "Rosé"), (("750 ml", 1.0),), 699),
    )),
    Shelf("Coffee & tea", 45, reduced_tax=True, weight=1.2, kinds=(
        ("Coffee beans", ("house blend", "espresso", "decaf", "Ethiopia"), (("250 g", 1.0), ("1 kg", 3.4)), 649),
        ("Ground coffee", ("mild", "strong"), (("500 g", 1.0),), 599),
        ("Tea", ("Earl Grey", "peppermint", "chamomile", "green", "rooibos"), (("20 bags", 1.0),), 249),
        ("Cocoa powder", ("",), (("250 g", 1.0),), 329),
    )),
    Shelf("Snacks", 300, reduced_tax=True, weight=2.0, kinds=(
        ("Dark chocolate", ("70 %", "85 %", "sea salt", "orange"), (("100 g", 1.0),), 245),
        ("Milk chocolate", ("", "hazelnut", "caramel"), (("100 g", 1.0),), 199),
        ("Crisps", ("sea salt", "paprika", "vinegar", "rosemary"), (("150 g", 1.0),), 185),
        ("Nuts", ("almonds", "cashews", "walnuts", "mixed"), (("150 g", 1.0),), 329),
        ("Cereal bar", ("oat & honey", "cranberry", "peanut"), ONE, 119),
        ("Biscuits", ("butter", "oat", "ginger"), (("200 g", 1.0),), 219),
        ("Liquorice", ("sweet", "salty"), (("200 g", 1.0),), 179),
    )),
    Shelf("Pantry", 95, reduced_tax=True, weight=1.7, kinds=(
        ("Spaghetti", ("", "wholegrain"), (("500 g", 1.0),), 139),
        ("Penne", ("", "red lentil"), (("500 g", 1.0),), 149),
        ("Rice", ("basmati", "risotto", "jasmine"), (("500 g", 1.0), ("1 kg", 1.8)), 219),
        ("Chopped tomatoes", ("", "with basil"), (("400 g", 1.0),), 99),
        ("Olive oil", ("mild", "extra virgin"), (("500 ml", 1.0),), 799),
        ("Flour", ("plain", "strong", "spelt"), (("1 kg", 1.0),), 129),
        ("Chickpeas", ("",), (("400 g", 1.0),), 95),
        ("Honey", ("forest", "blossom"), (("500 g", 1.0),), 599),
        ("Jam", ("strawberry", "apricot", "raspberry"), (("340 g", 1.0),), 289),
        ("Muesli", ("fruit", "crunchy", "no sugar"), (("500 g", 1.0),), 379),
        ("Mustard", ("medium", "hot"), (("200 g", 1.0),), 149),
        ("Vegetable stock", ("",), (("100 g", 1.0),), 259),
    )),
    Shelf("Frozen", 220, reduced_tax=True, weight=1.0, kinds=(
        ("Pizza", ("margherita", "salami", "spinach"), (("330 g", 1.0),), 349),
        ("Ice cream", ("vanilla", "chocolate", "pistachio", "mango"), (("500 ml", 1.0),), 499),
        ("Peas", ("",), (("450 g", 1.0), ("1 kg", 1.9)), 189),
        ("Fish fillets", ("cod", "salmon"), (("250 g", 1.0),), 599),
        ("Chips", ("straight", "sweet potato"), (("750 g", 1.0),), 279),
    )),
    Shelf("Deli", 10, reduced_tax=True, weight=1.3, kinds=(
        ("Hummus", ("classic", "beetroot", "pepper"), (("200 g", 1.0),), 249),
        ("Salami", ("Milano", "fennel"), (("100 g", 1.0),), 329),
        ("Ham", ("cooked", "smoked"), (("100 g", 1.0),), 299),
        ("Olives", ("green", "Kalamata"), (("200 g", 1.0),), 279),
        ("Sandwich", ("cheese", "chicken", "tuna", "falafel"), ONE, 390),
        ("Soup", ("tomato", "pumpkin", "lentil"), (("400 ml", 1.0),), 379),
        ("Smoked salmon", ("",), (("100 g", 1.0),), 549),
    )),
    Shelf("Household", 200, reduced_tax=False, weight=0.9, kinds=(
        ("Washing-up liquid", ("lemon", "sensitive"), (("500 ml", 1.0),), 215),
        ("Kitchen roll", ("",), (("x2", 1.0), ("x4", 1.8)), 219),
        ("Toilet paper", ("soft", "recycled"), (("x8", 1.0),), 449),
        ("Laundry detergent", ("colour", "white"), (("20 washes", 1.0),), 699),
        ("Bin bags", ("",), (("35 l", 1.0), ("60 l", 1.3)), 249),
        ("Sponges", ("",), (("x5", 1.0),), 159),
        ("Candles", ("white", "red"), (("x4", 1.0),), 399),
        ("Batteries", ("AA", "AAA"), (("x4", 1.0),), 499),
    )),
    Shelf("Care", 330, reduced_tax=False, weight=0.7, kinds=(
        ("Shampoo", ("repair", "sensitive", "anti-dandruff"), (("250 ml", 1.0),), 349),
        ("Shower gel", ("citrus", "lavender"), (("250 ml", 1.0),), 229),
        ("Toothpaste", ("mint", "sensitive"), (("75 ml", 1.0),), 219),
        ("Toothbrush", ("soft", "medium"), ONE, 249),
        ("Hand cream", ("",), (("75 ml", 1.0),), 299),
        ("Plasters", ("",), (("x20", 1.0),), 279),
        ("Tissues", ("",), (("x10", 1.0),), 149),
        ("Soap", ("olive", "rose"), (("100 g", 1.0),), 199),
    )),
    Shelf("Kitchen & gifts", 180, reduced_tax=False, weight=0.6, kinds=(
        ("Mug", ("white", "blue", "green"), ONE, 899),
        ("Tea towel", ("striped", "plain"), ONE, 649),
        ("Greeting card", ("birthday", "thank you", "blank"), ONE, 295),
        ("Glass jar", ("",), (("0.5 l", 1.0), ("1 l", 1.3)), 399),
        ("Wooden spoon", ("",), ONE, 449),
        ("Shopping bag", ("cotton", "jute"), ONE, 350),
    )),
)  # fmt: skip

# What every second customer takes: these stand on the tills' first page.
FAVOURITES = frozenset(
    {
        "Sourdough loaf 800 g", "Croissant butter", "Roll wheat", "Cinnamon bun", "Baguette", "Milk whole 1 l",
        "Greek yoghurt 500 g", "Butter unsalted 250 g", "Eggs free-range 10", "Bananas", "Apples Braeburn",
        "Tomatoes on the vine", "Cucumber", "Cola 330 ml", "Water sparkling 1.5 l", "Juice orange 1 l",
        "Coffee beans house blend 250 g", "Dark chocolate 70 % 100 g", "Crisps sea salt 150 g", "Spaghetti 500 g",
        "Sandwich cheese", "Soup tomato 400 ml", "Washing-up liquid lemon 500 ml", "Kitchen roll x4",
        "Shopping bag cotton",
    }
)  # fmt: skip
_SUMMERY = ("Ice cream", "Lemonade", "Water", "Iced tea", "Cola", "Pilsner", "Salad", "Berries", "Cucumber")
_WINTRY = ("Soup", "Tea", "Cocoa", "Candles", "Honey", "Oranges", "Milk chocolate", "Biscuits")


def articles(seed: int = 20251020) -> list[Article]:
    """Make the 400 articles, always the same for a seed: first every shelf's plain ones, then own-label doubles."""
    chance = random.Random(seed)  # noqa: S311 - a demo, not a secret
    named = list(_named())
    doubles = [
        (shelf, f"Market {name[0].lower()}{name[1:]}", round(price * 0.82), kg) for shelf, name, price, kg in named
    ]
    chance.shuffle(doubles)
    chosen = (named + doubles)[:ARTICLES]
    return [_article(number, each, chance) for number, each in enumerate(chosen, 1)]


def _named() -> Iterator[tuple[int, str, int, bool]]:
    for place, shelf in enumerate(SHELVES):
        for kind, variants, sizes, price in shelf.kinds:
            for variant in variants:
                for size, factor in sizes:
                    name = " ".join(part for part in (kind, variant, size) if part)
                    yield place, name, _charm(price * factor), False
        for name, price in shelf.by_weight:
            yield place, name, price, True


def _charm(price: float) -> int:
    """Round to a price a grocer would print: x.x5 or x.x9 above a euro."""
    whole = round(price)
    return whole if whole < 100 or whole % 10 in {0, 5, 9} else whole - whole % 10 + 9


def _article(number: int, named: tuple[int, str, int, bool], chance: random.Random) -> Article:
    place, name, price, by_weight = named
    shelf = SHELVES[place]
    # A long tail, as in a real shop: a few articles sell daily, most now and then.
    pull = shelf.weight * (1.8 if by_weight else 1.0) / (0.35 + chance.random() * 3.5) ** 1.3
    if name in FAVOURITES:
        pull = max(pull, shelf.weight * chance.uniform(1.6, 2.6))
    margin = chance.uniform(0.24, 0.46)
    net = price / (1.07 if shelf.reduced_tax else 1.19)
    summer = 0.55 if name.startswith(_SUMMERY) else -0.4 if name.startswith(_WINTRY) else 0.0
    codes = [_ean13(f"40{chance.randrange(10**5, 10**6):06d}{number:04d}")]
    if chance.random() < 0.12:  # the supplier changed, the old code is still on some shelves
        codes.append(_ean13(f"87{chance.randrange(10**5, 10**6):06d}{number:04d}"))
    if by_weight:  # what the scale by the till prints: this article, any weight
        codes.append(_ean13(f"21{number:05d}00000"))
    return Article(
        sku=f"{shelf.name[:2].upper()}{number:04d}",
        name=name,
        shelf=place,
        price_minor=price,
        unit_cost=Decimal(round(net * (1 - margin) * 100)).scaleb(-2),
        unit="kg" if by_weight else "each",
        decimals=3 if by_weight else 0,
        barcodes=tuple(codes),
        reorder_point=Decimal(max(3, round(pull * 2))),
        pull=pull,
        summer=summer,
        favourite=name in FAVOURITES,
    )


def _ean13(body: str) -> str:
    return body + str(check_digit(body))
