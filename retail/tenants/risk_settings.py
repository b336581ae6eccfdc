"""The settings of loss prevention at the tills: per rule what happens, from how many acts on, within which time."""

from __future__ import annotations

from typing import Final

from retail.tenants.setting import Setting, said

_WITHIN: Final = said("Within")
_PLANNED: Final = "loss_prevention"
_MINUTES: Final = said("minutes")
_WORDS: Final = (said("Nothing"), said("Ask why"), said("Ask for an approval"), said("Tell who settles it"))


def _rule(kind: str, words: tuple[str, str], least: int, minutes: int, since: str = _WITHIN) -> tuple[Setting, ...]:
    """Give the three settings of a rule, `words` are its name and sentence (docs/algorithms/risk.md)."""
    label, sentence = words
    return (
        Setting(f"risk_{kind}_outcome", "risk", label, sentence, "choice", default="alert", scope="both",
                choices=("none", "reason", "approval", "alert"), words=_WORDS, required=True,
                feature=_PLANNED),
        Setting(f"risk_{kind}_least", "risk", said("From how many on"), sentence, "whole", default=least, scope="both",
                least=1, most=100, required=True, feature=_PLANNED),
        Setting(f"risk_{kind}_minutes", "risk", since, sentence, "whole", default=minutes, scope="both",
                least=1, most=1_440, unit=_MINUTES, required=True, feature=_PLANNED),
    )  # fmt: skip


RISK: Final[tuple[Setting, ...]] = (
    *_rule("void", (said("Taken out after payment was begun"),
                    said("Lines or sales that one cashier takes out once payment was open.")), 2, 60),
    *_rule("no_sale", (said("Drawer opened without a sale"), said("How often one cashier does it.")), 4, 60),
    *_rule("refund", (said("Refund soon after the sale"), said("By the cashier who made the sale.")), 1, 30,
           said("Since the sale")),
    *_rule("override", (said("Prices and discounts by hand"),
                        said("Sales in which one cashier changed a price or gave a discount of their own.")), 6, 60),
    Setting("refund_told", "risk", said("A big refund"),
            said("In whole units of the currency. Who may see sales is told of a return that pays back as much; 0: of"
                 " none."), "whole", default=100, scope="both", most=1_000_000, required=True),
)  # fmt: skip
