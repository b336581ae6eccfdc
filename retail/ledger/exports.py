"""The journal as text that accounting programs read: hledger, beancount, CSV. Pure: entries in, lines out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final, Protocol

from retail.kit.guard import csv_text
from retail.kit.money import currency, major
from retail.ledger.queries import AccountBalance, EntryFacts

ROOTS: Final = {
    "asset": "Assets",
    "liability": "Liabilities",
    "equity": "Equity",
    "income": "Income",
    "expense": "Expenses",
}
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9-]+")


class Format(Protocol):
    """How a journal is written: a head from the accounts, then each entry."""

    media_type: str
    suffix: str

    def head(self, accounts: Sequence[AccountBalance], code: str, first_day: str) -> str:
        """Write what comes before the entries; `code` is the tenant's currency, `first_day` an ISO date."""
        ...

    def entry(self, entry: EntryFacts) -> str:
        """Write one entry."""
        ...


def account_name(kind: str, code: str, name: str) -> str:
    """Name an account as both programs take it: "Assets:1000-Cash-in-drawers", letters, digits and dashes alone.

    Accents are taken off; what has no Latin letters at all keeps its code, which is unique.
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    words = _UNSAFE.sub("-", plain).strip("-")
    return f"{ROOTS[kind]}:{code}{'-' + words if words else ''}"


def one_line(text: str) -> str:
    """Make a text safe inside a line: no line breaks, no control characters, no quotes or comment signs."""
    return " ".join("".join(c if c.isprintable() and c not in '";|()\\' else " " for c in text).split())


def amount_text(minor: int, code: str) -> str:
    """Write an amount with exactly its currency's decimals: -1.68 EUR."""
    return f"{major(minor, currency(code)):f} {code}"


class Hledger:
    """The journal format of hledger (https://hledger.org/hledger.html#journal)."""

    media_type = "text/plain; charset=utf-8"
    suffix = "journal"

    def head(self, accounts: Sequence[AccountBalance], code: str, first_day: str) -> str:
        """Declare the currency's decimals and the accounts, so that `hledger check --strict` passes."""
        del first_day
        sample = major(1000 * 10 ** currency(code).exponent, currency(code))
        mark = "" if currency(code).exponent else "."
        lines = [f"commodity {sample:f}{mark} {code}"]
        lines += [f"account {account_name(one.kind, one.code, one.name)}" for one in accounts]
        return "\n".join(lines) + "\n\n"

    def entry(self, entry: EntryFacts) -> str:
        """Write one entry; its id and source are tags."""
        title = one_line(f"{entry.store_name} {entry.kind} {entry.memo}")
        lines = [f"{entry.business_date.isoformat()} * {title}  ; id:{entry.id}, source:{entry.source}"]
        lines += [
            f"    {account_name(line.kind, line.code, line.name)}  {amount_text(line.amount_minor, entry.currency)}"
            for line in entry.lines
        ]
        return "\n".join(lines) + "\n\n"


class Beancount:
    """The language of beancount (https://beancount.github.io/docs/beancount_language_syntax.html)."""

    media_type = "text/plain; charset=utf-8"
    suffix = "beancount"

    def head(self, accounts: Sequence[AccountBalance], code: str, first_day: str) -> str:
        """Open every account on the first day: beancount refuses postings to accounts that aren't open."""
        lines = [f'option "operating_currency" "{code}"', ""]
        lines += [f"{first_day} open {account_name(one.kind, one.code, one.name)}" for one in accounts]
        return "\n".join(lines) + "\n\n"

    def entry(self, entry: EntryFacts) -> str:
        """Write one entry; the store is the payee, its id and source are metadata."""
        payee, narration = one_line(entry.store_name), one_line(f"{entry.kind} {entry.memo}")
        lines = [f'{entry.business_date.isoformat()} * "{payee}" "{narration}"']
        lines += [f'  id: "{entry.id}"', f'  source: "{entry.source}"']
        lines += [
            f"  {account_name(line.kind, line.code, line.name)}  {amount_text(line.amount_minor, entry.currency)}"
            for line in entry.lines
        ]
        return "\n".join(lines) + "\n\n"


class Csv:
    """One row per line, with a head; amounts as decimals with a point (RFC 4180)."""

    media_type = "text/csv; charset=utf-8"
    suffix = "csv"

    def head(self, accounts: Sequence[AccountBalance], code: str, first_day: str) -> str:
        """Write the names of the columns."""
        del accounts, code, first_day
        return csv_text(
            [("entry", "date", "store", "kind", "source", "memo", "account_code", "account", "amount", "currency")]
        )

    def entry(self, entry: EntryFacts) -> str:
        """Write one row per line of the entry."""
        return csv_text(
            (
                str(entry.id),
                entry.business_date.isoformat(),
                entry.store_name,
                entry.kind,
                str(entry.source),
                entry.memo,
                line.code,
                line.name,
                f"{major(line.amount_minor, currency(entry.currency)):f}",
                entry.currency,
            )
            for line in entry.lines
        )


FORMATS: Final[dict[str, Format]] = {"hledger": Hledger(), "beancount": Beancount(), "csv": Csv()}
