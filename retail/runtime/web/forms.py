"""Forms: what people typed becomes typed values, every error is collected, and nothing typed is lost."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from starlette.datastructures import FormData, ImmutableMultiDict, UploadFile
from starlette.requests import Request

from retail.kit.cards import holds_card, without_cards
from retail.kit.errors import Invalid
from retail.kit.money import MAX_MINOR, AmountTooLarge, Currency, NotAnAmount, format_money, parse_money
from retail.kit.quantity import NotAQuantity, on_a_line, plain_number
from retail.kit.text import _
from retail.runtime.web.context import edge

MOST_FIELDS = 2000
SCAN_MOST: Final = 90
_GS: Final = "\x1d"
_WHOLE: Final = re.compile(r"-?[0-9]+")


class Fields:
    """The fields of one form. Read them by kind, then `check()`; a field that was wrong gave a harmless stand-in."""

    def __init__(self, form: Mapping[str, Any] | FormData, locale: str = "en") -> None:
        self._form = form
        self.locale = locale
        self.errors: dict[str, list[str]] = {}
        self._masked: set[str] = set()

    @classmethod
    async def read(cls, request: Request) -> Fields:
        """Read the request's form, urlencoded or multipart."""
        here = edge(request)
        form = await request.form(max_fields=MOST_FIELDS, max_files=10, max_part_size=here.body_limit)
        return cls(form, here.tenant.locale if here.tenant else "en")

    @property
    def values(self) -> dict[str, str]:
        """Give what was typed, for filling the form in again; passwords and files are left out."""
        return {
            name: without_cards(value) if name in self._masked else value
            for name, value in self._form.items()
            if isinstance(value, str) and not name.startswith("password")
        }

    def sendable(self) -> list[tuple[str, str]]:
        """Give every field in its order, repeated ones too, for sending the form on; without passwords and files."""
        pairs = self._form.multi_items() if isinstance(self._form, ImmutableMultiDict) else self._form.items()
        return [(name, value) for name, value in pairs if isinstance(value, str) and not name.startswith("password")]

    def __contains__(self, name: object) -> bool:
        return name in self._form

    def error(self, name: str, sentence: str) -> None:
        """File a sentence under a field, '' for the form as a whole."""
        self.errors.setdefault(name, []).append(sentence)

    def check(self) -> None:
        """Raise Invalid where anything was wrong."""
        if self.errors:
            raise Invalid(self.errors)

    def raw(self, name: str) -> str:
        """Give a field exactly as typed, '' where it is missing."""
        value = self._form.get(name, "")
        return value if isinstance(value, str) else ""

    def text(self, name: str, most: int = 200, *, required: bool = False) -> str:
        """Read a text without blanks round it and without control characters but line breaks."""
        typed = self.raw(name).replace("\r\n", "\n")
        clean = "".join(c for c in typed if c in "\n\t" or c.isprintable()).strip()
        if required and not clean:
            self.error(name, _("Fill this in."))
        if holds_card(clean):
            self.error(name, _("Don't write down the number of a payment card; its last four digits will do."))
            self._masked.add(name)
            clean = without_cards(clean)
        if len(clean) > most:
            self.error(name, _("Use at most %(most)d characters.") % {"most": most})
        return clean[:most]

    def scan(self, name: str, *, required: bool = False) -> str:
        """Read what was scanned or typed, with the separators that stand between GS1 elements."""
        typed = self.text(name, SCAN_MOST, required=required)
        if _GS not in self.raw(name) or self.errors.get(name):
            return typed
        return "".join(c for c in self.raw(name) if c == _GS or c.isprintable()).strip(" ")

    def money(
        self, name: str, currency: Currency, *, required: bool = True, least: int | None = 0, most: int | None = None
    ) -> int:
        """Read an amount in minor units; 0 where it is empty and need not be filled in."""
        typed = self.text(name, 40, required=required)
        if not typed:
            return 0
        try:
            minor = parse_money(typed, currency, self.locale)
        except AmountTooLarge as wrong:  # its form is right: what is said is how far it may go
            minor = -MAX_MINOR - 1 if wrong.below else MAX_MINOR + 1
            least, most = -MAX_MINOR if least is None else least, MAX_MINOR if most is None else most
        except NotAnAmount as wrong:
            self.error(name, str(wrong))
            return 0
        self._bounds(name, minor, least, most, lambda amount: format_money(amount, currency, self.locale))
        return minor

    def quantity(self, name: str, *, required: bool = True, above: Decimal | None = None) -> Decimal:
        """Read a quantity with up to three decimals, written as plain_number() reads it; must be > `above`.

        One that only a scanned barcode could be is refused, see on_a_line(), and so is one that could be two numbers.
        """
        typed = self.text(name, SCAN_MOST, required=required)
        if not typed or name in self.errors:
            return Decimal(0)
        try:
            read = on_a_line(plain_number(typed, self.locale))
        except NotAQuantity as wrong:
            self.error(name, str(wrong))
            return Decimal(0)
        if above is not None and read <= above:
            self.error(name, _("Type a quantity above %(least)s.") % {"least": above})
        return read

    def whole(self, name: str, *, required: bool = True, least: int | None = None, most: int | None = None) -> int:
        """Read a whole number."""
        typed = self.text(name, 20, required=required)
        if not typed:
            return 0
        if not _WHOLE.fullmatch(typed):
            self.error(name, _("Type a whole number."))
            return 0
        number = int(typed)
        self._bounds(name, number, least, most)
        return number

    def choice(self, name: str, options: Collection[str], *, required: bool = True) -> str:
        """Read one of a few values."""
        chosen = self.text(name, 200, required=required)
        if chosen and chosen not in options:
            self.error(name, _("Pick one of the choices."))
            return ""
        return chosen

    def flag(self, name: str) -> bool:
        """Read a checkbox."""
        return self.raw(name) not in {"", "off", "false", "0"}

    def uuid(self, name: str, *, required: bool = True) -> UUID | None:
        """Read an id; None where it is missing or wrong."""
        typed = self.text(name, 60, required=required)
        try:
            return UUID(typed) if typed else None
        except ValueError:
            self.error(name, _("Pick one from the list."))
            return None

    def day(self, name: str, *, required: bool = True) -> date | None:
        """Read a date as browsers send it, 2026-11-20."""
        typed = self.text(name, 10, required=required)
        try:
            return date.fromisoformat(typed) if typed else None
        except ValueError:
            self.error(name, _("Pick a date."))
            return None

    def many(self, name: str) -> list[str]:
        """Read all values of a repeated field, as typed."""
        if isinstance(self._form, ImmutableMultiDict):
            return [value for value in self._form.getlist(name) if isinstance(value, str)]
        return [self.raw(name)] if name in self._form else []

    def file(self, name: str, *, required: bool = True) -> UploadFile | None:
        """Give an uploaded file; it lives as long as the request."""
        found = self._form.get(name)
        if isinstance(found, UploadFile) and found.filename:
            return found
        if required:
            self.error(name, _("Pick a file."))
        return None

    def _bounds(
        self, name: str, value: int, least: int | None, most: int | None, written: Callable[[int], str] = str
    ) -> None:
        """File a sentence where a figure is out of bounds; `written` says how people read the bounds."""
        if least is not None and value < least:
            said = _("This can't be below zero.") if least == 0 else _("The least is %(least)s.")
            self.error(name, said % {"least": written(least)})
        if most is not None and value > most:
            self.error(name, _("The most is %(most)s.") % {"most": written(most)})
