"""What a business or a store sets about its tills and their drawers; rows of the table in settings.py."""

from __future__ import annotations

from typing import Final

from retail.identity.device_rules import LOCK_MINUTES
from retail.tenants.setting import Setting, said

THEN: Final = ("warn", "manager", "stop")
"""What a till does at a limit: say so, ask a manager, or take no new payment. An open sale is always finished."""
_THEN: Final = said("What the till does then. A sale that is being paid is always finished.")
_THEN_WORDS: Final = (said("Warn"), said("Ask a manager"), said("Stop new sales"))
_REASONS: Final = said("One a line, at most eight, for the buttons at the till. Empty: the usual ones.")

TILL: Final[tuple[Setting, ...]] = (
    Setting("idle_lock_minutes", "till", said("Lock an idle till after"),
            said("On an enrolled device somebody types their PIN again after so long untouched; the sale stays."),
            "whole", default=LOCK_MINUTES, scope="both", least=1, most=60, unit=said("minutes"), required=True),
    Setting("offline_hours", "till", said("Sell without a network for"),
            said("After so long the till asks for a connection before the next sale; what was sold is kept."), "whole",
            default=72, scope="both", least=1, most=168, unit=said("hours"), required=True),
    Setting("offline_hours_then", "till", said("After that time"), _THEN, "choice", default="stop", scope="both",
            choices=THEN, words=_THEN_WORDS, required=True),
    Setting("offline_sales", "till", said("Sales without a network"),
            said("After so many unsent sales the till asks for a connection before the next one."), "whole",
            default=500, scope="both", least=10, most=5_000, unit=said("sales"), required=True),
    Setting("offline_sales_then", "till", said("After so many sales"), _THEN, "choice", default="stop", scope="both",
            choices=THEN, words=_THEN_WORDS, required=True),
    Setting("offline_sale_most", "till", said("Largest sale without a network"),
            said("In whole units of the currency. A larger one waits for the connection; 0: no limit."), "whole",
            default=0, scope="both", most=1_000_000, required=True),
    Setting("offline_sale_then", "till", said("A larger sale"), _THEN, "choice", default="stop", scope="both",
            choices=THEN, words=_THEN_WORDS, required=True),
    Setting("offline_total_most", "till", said("All sales without a network"),
            said("In whole units of the currency: what the unsent sales of a till may come to together; 0: no limit."),
            "whole", default=0, scope="both", most=10_000_000, required=True),
    Setting("offline_total_then", "till", said("Beyond that sum"), _THEN, "choice", default="stop", scope="both",
            choices=THEN, words=_THEN_WORDS, required=True),
    Setting("allotment_then", "till", said("More of scarce goods than its share"),
            said("What a till does that sells without a network and would sell more than its share of goods that are"
                 " scarce. A sale that is being paid is always finished."), "choice", default="manager",
            scope="both", choices=THEN, words=_THEN_WORDS, required=True),
    Setting("held_days", "till", said("Keep sales on hold for"),
            said("So many days after the one on which they were put aside; what nobody came back for is then cancelled"
                  " and listed as a void. 0: until the end of the day."), "whole",
            default=0, scope="both", most=30, unit=said("days"), required=True),
    Setting("card_terminal", "till", said("Card terminal"),
            said("How tills take cards. By hand: the cashier types the amount into a terminal that stands beside. The"
                  " practice terminal takes no money: for trying and for training."), "choice", default="manual",
            scope="both", choices=("manual", "simulator"), words=(said("By hand"), said("Practice terminal")),
            required=True),
    Setting("returns_without_receipt", "till", said("Goods without a receipt"),
            said("Whether tills take goods back that come without a receipt: not at all; for store credit alone; or in"
                  " any way, when somebody who may has approved it. Their price is today's."), "choice",
            default="store_credit", scope="both", choices=("no", "store_credit", "approval"),
            words=(said("Not taken back"), said("For store credit"), said("With approval")), required=True),
    Setting("refunds_in_cash", "till", said("Refunds in cash"),
            said("A refund goes back the way it was paid. In cash goes out no more than was paid so, or as much as the"
                  " cashier decides."), "choice", default="as_paid", scope="both", choices=("as_paid", "any"),
            words=(said("As it was paid"), said("As the cashier decides")), required=True),
    Setting("layaway_least", "till", said("First payment on kept goods"),
            said("What a customer pays at least, in percent of the total, when goods are kept for them."), "whole",
            default=20, scope="both", most=100, unit=said("percent"), required=True),
    Setting("layaway_days", "till", said("Keep goods for"),
            said("The last day that the till suggests when goods are kept for a customer."), "whole", default=30,
            scope="both", least=1, most=300, unit=said("days"), required=True),
    Setting("layaway_fee", "till", said("Fee for cancelled kept goods"),
            said("In percent of what was paid: the shop keeps it when a customer no longer wants the goods. 0: all goes"
                 " back."), "whole", default=0, scope="both", most=100, unit=said("percent"), required=True),
    Setting("tips", "till", said("Tips"),
            said("Tills ask for a tip before payment. It is owed to the staff, and never revenue."), "flag",
            default=False, scope="both"),
    Setting("foreign_cash", "till", said("Cash of other currencies"),
            said("Tills take notes of every currency that has a rate of exchange, and give change in the own one."),
            "flag", default=False, scope="both"),
    Setting("coupons_offline", "till", said("Coupons without a network"),
            said("Whether a code was used before can't be asked then; one used twice is told of once it arrives."),
            "choice", default="refuse", scope="both", choices=("refuse", "accept"),
            words=(said("Don't take them"), said("Take those that look right")), required=True),
    Setting("customer_card_prefix", "till", said("Customer cards begin with"),
            said("The first digits of your customer cards, so that a till without a network knows a card from an"
                  " article; empty: cards are known with a network only."), "text", scope="both", most=12),
    Setting("named_goods", "till", said("Lots and serial numbers at the till"),
            said("Of goods that are followed by lot or by piece, the till asks for what their label says."), "choice",
            default="reason", scope="both", choices=("must", "reason", "free"),
            words=(said("Needed before payment"), said("May be left out with a reason"),
                   said("Only taken from a scan")), required=True),
)  # fmt: skip

CASH: Final[tuple[Setting, ...]] = (
    Setting("variance_tolerance", "cash", said("Small difference"),
            said("In the smallest unit of the currency: 100 is 1.00. Up to it a count closes the shift; beyond it the"
                  " till asks once for another count."), "whole", default=100, scope="both", most=1_000_000,
            required=True),
    Setting("variance_shown", "cash", said("Who sees what is over or short"),
            said("After closing. Before the count nobody at the till sees what is expected."), "choice",
            default="all", scope="both", choices=("all", "managers"),
            words=(said("Everybody at the till"), said("Only who may look at shifts")), required=True),
    Setting("float_left", "cash", said("Float that stays in the drawer"),
            said("In whole units of the currency. What is counted above it goes to the safe; 0: all of it does."),
            "whole", default=0, scope="both", most=100_000, required=True),
    Setting("drawer_most", "cash", said("Most cash in a drawer"),
            said("In whole units of the currency. With more the till asks to drop some to the safe; 0: never."),
            "whole", default=0, scope="both", most=1_000_000, required=True),
    Setting("reasons_pay_in", "cash", said("Reasons for pay-ins"), _REASONS, "lines", scope="both"),
    Setting("reasons_pay_out", "cash", said("Reasons for pay-outs"), _REASONS, "lines", scope="both"),
    Setting("reasons_safe", "cash", said("Reasons for moving cash between drawer and safe"), _REASONS, "lines",
            scope="both"),
    Setting("reasons_pick_up", "cash", said("Reasons for a pick-up"), _REASONS, "lines", scope="both"),
    Setting("reasons_drawer", "cash", said("Reasons for opening the drawer without a sale"), _REASONS, "lines",
            scope="both"),
)  # fmt: skip
