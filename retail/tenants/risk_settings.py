"""The settings of loss prevention at the tills: per rule what happens, from how many acts on, within which time."""

from __future__ import annotations

from typing import Any, Final


def _said(message: str) -> str:
    """Mark a text for translation that is said later."""
    return message


_WITHIN: Final = _said("Within")
_MINUTES: Final = _said("minutes")
_WORDS: Final = (_said("Nothing"), _said("Ask why"), _said("Ask for an approval"), _said("Tell who settles it"))


def _rule(  # noqa: PLR0917 - a row of the table
    kind: str, label: str, sentence: str, least: int, minutes: int, since: str = _WITHIN
) -> list[dict[str, Any]]:
    """Give the three settings of a rule (docs/algorithms/risk.md)."""
    common = {"group": "risk", "scope": "both", "required": True}
    number = {**common, "kind": "whole", "least": 1, "sentence": label}
    return [
        {**common, "key": f"risk_{kind}_outcome", "label": label, "sentence": sentence, "kind": "choice",
         "default": "alert", "choices": ("none", "reason", "approval", "alert"), "words": _WORDS},
        {**number, "key": f"risk_{kind}_least", "label": _said("From how many on"), "default": least, "most": 100},
        {**number, "key": f"risk_{kind}_minutes", "label": since, "default": minutes, "most": 1_440, "unit": _MINUTES},
    ]  # fmt: skip


RISK: Final[tuple[dict[str, Any], ...]] = (
    *_rule("void", _said("Taken out after payment was begun"),
           _said("Lines or sales that one cashier takes out once payment was open."), 2, 60),
    *_rule("no_sale", _said("Drawer opened without a sale"), _said("How often one cashier does it."), 4, 60),
    *_rule("refund", _said("Refund soon after the sale"),
           _said("By the cashier who made the sale."), 1, 30, _said("Since the sale")),
    *_rule("override", _said("Prices and discounts by hand"),
           _said("Sales in which one cashier changed a price or gave a discount of their own."), 6, 60),
)  # fmt: skip
"""Members of each, as settings.py makes settings of them."""
