"""A receipt as a letter: what was bought and for how much, and the address of the whole of it."""

from __future__ import annotations

from uuid import UUID

from retail.kit.errors import Invalid
from retail.kit.money import format_money
from retail.kit.quantity import quantity_text
from retail.kit.text import _
from retail.runtime.db import Tx
from retail.runtime.mail import BadAddress, compose, queue, tame
from retail.runtime.tenancy import TenantFacts
from retail.sales.receipts.copies import note_letter
from retail.sales.receipts.facts import Receipt, receipt_of
from retail.sales.receipts.links import make_link


async def send_receipt(tx: Tx, id: UUID, sale: UUID, address: str, facts: TenantFacts, origin: str) -> bool:  # noqa: PLR0917 - a letter's facts
    """Send a sale's receipt to an address, which is kept with the letter alone; claims that it is a new letter.

    Raises NoSuchSale, Invalid, MailLimitReached.
    """
    if not await note_letter(tx, id, sale):
        return False
    receipt = await receipt_of(tx, sale, public=True)
    link = origin + await make_link(tx, sale)
    try:
        letter = compose(
            "receipt",
            address.strip(),
            tenant=facts,
            link=link,
            number=str(receipt.facts["label"]),
            total=format_money(receipt.sale.total + receipt.sale.cash_rounding, facts.money, facts.locale),
            lines=_lines(receipt, facts),
            days=receipt.page_days,
        )
    except BadAddress as wrong:
        raise Invalid({"address": [_("Type one e-mail address, like anna@example.com.")]}) from wrong
    await queue(tx, letter)
    return True


def _lines(receipt: Receipt, facts: TenantFacts) -> list[str]:
    return [
        f"{quantity_text(line.quantity_milli)} x {tame(line.name)}: "
        + format_money(line.total if receipt.sale.prices_include_tax else line.net, facts.money, facts.locale)
        for line in receipt.sale.lines
    ]
