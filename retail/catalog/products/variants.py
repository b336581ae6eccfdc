"""Variants: what options make of a family, in its order; pure.

A family has one to three options (size, colour), each with its values. Every product of it has one value of each, and
no two have the same.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product as combine
from math import prod
from typing import Final

from retail.kit.text import _

MOST_OPTIONS: Final = 3
MOST_VALUES: Final = 40
MOST_VARIANTS: Final = 200
NAME_LENGTH: Final = 30
_NAME_MOST: Final = 160
_SKU_MOST: Final = 60

Choice = Mapping[str, str]
"""A variant's value of each option."""


@dataclass(frozen=True, slots=True)
class Option:
    """What variants differ in, and the values there are."""

    name: str
    values: tuple[str, ...]


def read_options(text: str) -> tuple[list[Option], list[str]]:
    """Read options typed one per line, "Size: S, M, L"; give them, and what is wrong in sentences."""
    found: list[Option] = []
    wrong: list[str] = []
    for line in filter(None, (line.strip() for line in text.splitlines())):
        name, colon, rest = (part.strip() for part in line.partition(":"))
        values = tuple(dict.fromkeys(" ".join(value.split()) for value in rest.split(",") if value.strip()))
        if not colon or not name or not values:
            wrong.append(
                _("Write an option and its values, such as Size: S, M, L. Not so: %(line)s") % {"line": line[:40]}
            )
        else:
            found.append(Option(name, values))
    return found, wrong or problems(found)


def problems(options: Sequence[Option]) -> list[str]:
    """Say what is wrong with a family's options and values, the first thing; [] where nothing is."""
    twice = len({one.name.casefold() for one in options}) < len(options)
    long = any(len(text) > NAME_LENGTH for one in options for text in (one.name, *one.values))
    many = any(len(one.values) > MOST_VALUES for one in options)
    wrong = [
        (not options, _("Write down at least one option and its values, such as Size: S, M, L.")),
        (len(options) > MOST_OPTIONS, _("Use at most %(most)d options.") % {"most": MOST_OPTIONS}),
        (twice, _("The same option stands there twice.")),
        (long, _("Use at most %(most)d letters for an option or a value.") % {"most": NAME_LENGTH}),
        (many, _("Use at most %(most)d values for an option.") % {"most": MOST_VALUES}),
        (
            prod(len(one.values) for one in options) > MOST_VARIANTS,
            _("These are more than %(most)d variants. Use fewer values.") % {"most": MOST_VARIANTS},
        ),
    ]
    return [sentence for applies, sentence in wrong if applies][:1]


def combinations(options: Sequence[Option]) -> Iterable[dict[str, str]]:
    """Give every choice that the options allow, the last option changing first."""
    names = [one.name for one in options]
    return (dict(zip(names, values, strict=True)) for values in combine(*(one.values for one in options)))


def written(options: Sequence[Option]) -> str:
    """Write options as their form holds them."""
    return "\n".join(f"{one.name}: {', '.join(one.values)}" for one in options)


def options_of(names: Sequence[str], choices: Sequence[Choice]) -> list[Option]:
    """Give a family's options with the values that its variants have, in the order they came."""
    return [Option(name, tuple(dict.fromkeys(one[name] for one in choices if name in one))) for name in names]


def key_of(choice: Choice, names: Sequence[str]) -> str:
    """Give what names a choice in a form's field: its values, in the order of the options."""
    return "|".join(choice[name] for name in names)


def variant_name(family: str, choice: Choice) -> str:
    """Name a variant: "T-shirt M / Blue"."""
    return f"{family} {' / '.join(choice.values())}"[:_NAME_MOST]


def variant_sku(base: str, choice: Choice) -> str:
    """Make a variant's SKU of the family's: "TS-M-BLUE"; '' where the family has none, for the next number."""
    return "-".join([base, *map(_letters, choice.values())])[:_SKU_MOST] if base else ""


def _letters(value: str) -> str:
    plain = unicodedata.normalize("NFKD", value).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9.]+", "", plain).upper() or f"{sum(map(ord, value)) % 1000:03d}"
