"""The lines in which choices are typed, "Oat milk +0.50". Nothing is taken for a price silently. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from babel.numbers import format_decimal, get_currency_symbol, is_currency

from retail.kit.money import Currency, NotAnAmount, major, parse_money
from retail.kit.quantity import locale_of
from retail.kit.text import _

_FIGURES: Final = r"[0-9](?:[0-9.,'\u2019\u00a0\u202f]*[0-9])?"
_NAMED: Final = re.compile(r"^(.*\S)\s*:\s+(\S.*)$")
_MARKS: Final = "$\u00a2\u00a3\u00a4\u00a5\u20a0-\u20cf"
_LOOKS_PRICED: Final = re.compile(rf"(?:^|\s)[+\-]\s*\S{{0,4}}[0-9]|[{_MARKS}]\s*[0-9]|[0-9]\s*[{_MARKS}]")
_CODE: Final = re.compile(r"[0-9]\s*([A-Za-z]{3})$")
_THOUSAND_OR_NOT: Final = re.compile(r"^[0-9]{1,3}[.,][0-9]{3}$")
_SAMPLE: Final = 50


class Unclear(ValueError):
    """A line may mean one thing or another; the message says how to write either."""


@dataclass(frozen=True, slots=True)
class Writing:
    """How a business writes its prices."""

    money: Currency
    locale: str

    def amount(self, minor: int) -> str:
        """Write an amount with just the currency's decimals, without its sign."""
        places = self.money.exponent
        pattern = "0." + "0" * places if places else "0"
        written: str = format_decimal(
            major(abs(minor), self.money), format=pattern, locale=locale_of(self.locale), group_separator=False
        )
        return written

    def line(self, name: str, minor: int) -> str:
        """Write a choice; a name that would be read as a priced one has its price behind a colon."""
        priced = f"{name} {'-' if minor < 0 else '+'}{self.amount(minor)}" if minor else name
        try:
            if self.read(priced) == (name, minor):
                return priced
        except Unclear:
            pass
        return f"{name}: {'-' if minor < 0 else ''}{self.amount(minor) if minor else 0}"

    def read(self, line: str) -> tuple[str, int]:
        """Read a line: its name, and its price in minor units. Raises Unclear."""
        plain = " ".join(line.replace("\u2212", "-").split())
        named = _NAMED.match(plain)
        if named and any(sign.isdigit() for sign in named[2]):
            ends = re.fullmatch(self._priced("sign", "money", "more"), named[2], re.IGNORECASE)
            if ends is None:
                raise self._unread(plain)
            return named[1], self._minor(ends, plain)
        found = re.fullmatch(rf"(?P<name>.*?)\s*{self._priced('sign', 'money', 'more')}", plain, re.IGNORECASE)
        code = _CODE.search(plain)
        if found is None:
            if _LOOKS_PRICED.search(plain) or (code and is_currency(code[1].upper())):
                raise self._unread(plain)
            return plain, 0
        if not (found["sign"] or found["money"] or found["more"]):
            self._refuse_bare(found["name"], found["figures"], plain)
        return found["name"], self._minor(found, plain)

    def _priced(self, sign: str, before: str, after: str) -> str:
        """Give the pattern of a price: a sign and the currency before the figures, or the currency behind them."""
        signs = {get_currency_symbol(self.money.code, at) for at in (locale_of(self.locale), "en_US")}
        known = "|".join(re.escape(one) for one in sorted({*signs, self.money.code}, key=len, reverse=True))
        return rf"(?P<{sign}>[+-])?\s*(?P<{before}>{known})?\s*(?P<figures>{_FIGURES})\s*(?P<{after}>{known})?"

    def _minor(self, found: re.Match[str], line: str) -> int:
        figures, places = found["figures"], self.money.exponent
        behind = re.split(r"[.,]", figures)
        whole = len(behind) == 1
        exact = not places or whole or len(behind[-1]) == places
        if not exact or (places and not self._is_clear(figures)):
            raise self._unread(line)
        try:
            minor = parse_money(figures, self.money, self.locale)
        except NotAnAmount as wrong:
            raise self._unread(line) from wrong
        return -minor if found["sign"] == "-" else minor

    def _is_clear(self, figures: str) -> bool:
        """Claim that "1,500" is a decimal fraction or a thousand, but not both."""
        if not _THOUSAND_OR_NOT.match(figures):
            return True
        thousand: int = 1000 * 10**self.money.exponent
        return parse_money(figures, self.money, self.locale) < thousand

    def _refuse_bare(self, name: str, figures: str, line: str) -> None:
        """Refuse figures without a sign that are no price beyond doubt: "Cup 0.3", "Size 42"; +0.50 or 0.50 is one."""
        behind = re.split(r"[.,]", figures)
        if self.money.exponent and len(behind) > 1 and len(behind[-1]) == self.money.exponent:
            return
        try:
            price = self.amount(parse_money(figures, self.money, self.locale))
        except NotAnAmount:
            raise self._unread(line) from None
        said = _("%(line)s: is %(figures)s a price? Write %(priced)s. Is it part of the name? Write %(named)s.")
        told = {"line": line[:60], "figures": figures, "priced": f"{name} +{price}".strip(), "named": f"{line}: 0"}
        raise Unclear(said % told)

    def _unread(self, line: str) -> Unclear:
        said = _("%(line)s: write a price like %(price)s. A number of the name stands before a colon: %(named)s.")
        told = {"line": line[:60], "price": f"+{self.amount(_sample(self.money))}", "named": "Cup 0.3: 0"}
        return Unclear(said % told)


def _sample(money: Currency) -> int:
    sample: int = _SAMPLE * 10 ** max(money.exponent - 2, 0)
    return sample
