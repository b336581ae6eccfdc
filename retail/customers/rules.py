"""What a customer may be, and how a phone number is kept; pure. Sentences are told by field."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

import phonenumbers

from retail.kit.cards import holds_card
from retail.kit.text import _

MOST_MINOR: Final = 10**12
LENGTHS: Final = {"name": 160, "phone": 40, "email": 254, "member_card": 40, "group": 40, "note": 2000}
SHORTEST_SEARCH: Final = 3
"""So many digits of a phone number are looked for; fewer stand in most of them."""
_SHORTEST: Final = 6
_EMAIL: Final = re.compile(r"[^@\s<>,;]+@[^@\s<>,;.]+(\.[^@\s<>,;.]+)+")
_CARD: Final = re.compile(r"[0-9A-Za-z-]{4,40}")
_DIALLED: Final = re.compile(r"[0-9+()/.\s-]+")


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer as somebody wants it: `phone` as it is dialled, `credit_limit_minor` what they may owe."""

    name: str
    phone: str = ""
    email: str = ""
    member_card: str | None = None
    group: str | None = None
    note: str = ""
    credit_limit_minor: int = 0


def tidied(of: Customer) -> Customer:
    """Give a customer as it is stored: no blanks round its texts, an address in small letters, no empty card."""
    card = "".join((of.member_card or "").split())
    return replace(
        of,
        name=" ".join(of.name.split()),
        phone=of.phone.strip(),
        email=of.email.strip().lower(),
        member_card=card or None,
        group=(of.group or "").strip() or None,
        note=of.note.strip(),
    )


def phone_digits(typed: str, country: str) -> str | None:
    """Give a number with its country's prefix, digits alone; '' for nothing, None for what nobody can dial.

    A number without a prefix is one of `country`, without the 0 that is dialled inside of it where it isn't part of it.
    """
    if not typed.strip():
        return ""
    number = _parsed(typed, country)
    if number is None or not phonenumbers.is_possible_number(number):
        return None
    digits = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164).removeprefix("+")
    return digits if len(digits) >= _SHORTEST else None


def dialled(text: str, country: str) -> tuple[str, ...]:
    """Give the digits that stored numbers hold where somebody searches by phone; () for what is no number.

    Part of a number finds it too, without the 0 that is dialled before it.
    """
    if not _DIALLED.fullmatch(text):
        return ()
    part = "".join(one for one in text if one.isdigit()).lstrip("0")
    if len(part) < SHORTEST_SEARCH:
        return ()
    number = _parsed(text, country)
    if number is None or not phonenumbers.is_valid_number(number):
        return (part,)
    whole = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164).removeprefix("+")
    return tuple(dict.fromkeys((part, whole)))


def _parsed(typed: str, country: str) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(typed, country or None)
    except phonenumbers.NumberParseException:
        return None


def problems(of: Customer, country: str) -> dict[str, list[str]]:
    """Say what is wrong with a customer by itself, by field; {} where nothing is."""
    wrong: dict[str, list[str]] = {}
    for name, most in LENGTHS.items():
        value = getattr(of, name) or ""
        if len(value) > most:
            wrong[name] = [_("Use at most %(most)d characters.") % {"most": most}]
        elif "\0" in value:
            wrong[name] = [_("Take out the characters that can't be shown.")]
        elif holds_card(value):
            wrong[name] = [_("This looks like a payment card. Its number must not be kept: take it out.")]
    if not of.name.strip():
        wrong["name"] = [_("Fill this in.")]
    if of.email and not _EMAIL.fullmatch(of.email):
        wrong["email"] = [_("This is no e-mail address. Write it like anna@example.com, or leave it empty.")]
    if "phone" not in wrong and phone_digits(of.phone, country) is None:
        wrong["phone"] = [_("This is no phone number. Write it as you dial it, or with + and the country's number.")]
    if "member_card" not in wrong and of.member_card and not _CARD.fullmatch(of.member_card):
        wrong["member_card"] = [_("Use 4 to 40 digits and letters, as they stand on the card.")]
    if not 0 <= of.credit_limit_minor <= MOST_MINOR:
        wrong["credit_limit"] = [_("Type an amount of zero or more.")]
    return wrong
