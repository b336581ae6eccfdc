"""What a suggestion says to people and programs: why so much, for how much money, in short figures."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from retail.kit.money import format_money
from retail.kit.quantity import quantity_text, to_milli
from retail.kit.text import _, ngettext
from retail.runtime.tenancy import TenantFacts
from retail.stock.reordering.budget import Bought
from retail.stock.reordering.queries import Suggested
from retail.stock.rules import value_minor


def why(one: Suggested) -> str:
    """Say in a sentence or two what an amount is made of."""
    made, need = one.suggestion, one.need
    # A store of whole pieces is at or below 6.8 when it has 6, and filled up to 38.04 when it has 39.
    point = made.point if need.decimals else made.point.to_integral_value(ROUND_FLOOR)
    reach = made.reach if need.decimals else made.reach.to_integral_value(ROUND_CEILING)
    parts = [
        _by_forecast(one, point)
        if made.use is not None
        else _("%(left)s left, reorder at %(point)s.") % {"left": written(need.position), "point": written(point)},
        _("Fills up to the target of %(reach)s.") % {"reach": written(reach)}
        if not made.by_pace
        else _("Fills up to %(reach)s, for %(num)d days more.") % {"reach": written(reach), "num": need.cover_days}
        if made.use is not None
        else _("Fills up to %(reach)s: what sells in the lead time and two weeks, and the safety stock.")
        % {"reach": written(reach)},
    ]
    if need.reserved > 0:
        parts.append(_("%(kept)s kept for customers aren't counted.") % {"kept": written(need.reserved)})
    if made.packs is not None and need.pack_quantity is not None:
        said = ngettext("%(num)d pack of %(each)s.", "%(num)d packs of %(each)s.", made.packs)
        parts.append(said % {"num": made.packs, "each": written(need.pack_quantity)})
    if made.raised_to_minimum:
        parts.append(_("The supplier's minimum is %(least)s.") % {"least": written(need.minimum_order or Decimal(0))})
    return " ".join(parts)


def _by_forecast(one: Suggested, point: Decimal) -> str:
    """Say what a suggestion rests on: what will sell, what lies there for more, what is there, what is on its way."""
    made, need = one.suggestion, one.need
    said = _("Expected to sell in %(days)d days: %(use)s. With a safety stock of %(safety)s, reorder at %(point)s.")
    there = _("%(left)s on hand, %(incoming)s on order.") if need.incoming else _("%(left)s on hand.")
    figures = {"left": written(need.available), "incoming": written(need.incoming)}
    rests = {"days": need.span, "use": _short(made.use or Decimal(0)), "safety": _short(made.safety)}
    return said % (rests | {"point": written(point)}) + " " + there % figures


def _short(quantity: Decimal) -> str:
    return quantity_text(to_milli(quantity.quantize(Decimal("0.1"))))


def left_out(one: Suggested, bought: Bought, facts: TenantFacts) -> str:
    """Say why a budget doesn't buy all that should be ordered; "" where it does."""
    if bought.least_minor is None or bought.left_minor is None:
        return ""
    told = {
        "order": written(one.suggestion.order),
        "cut": written(bought.quantity),
        "cost": format_money(bought.least_minor, facts.money, facts.locale),
        "left": format_money(bought.left_minor, facts.money, facts.locale),
        "lost": format_money(bought.lost, facts.money, facts.locale),
    }
    if bought.quantity:
        said = _("Cut from %(order)s to %(cut)s: the next portion costs %(cost)s, and %(left)s was left.")
    else:
        said = _("Left out: the least of it costs %(cost)s, and %(left)s was left after what saves more margin for its "
                 "money.")  # fmt: skip
    return f"{said % told} {_('Margin expected to be lost by that: %(lost)s.') % told}"


def cost(one: Suggested) -> int:
    """Tell what an order would cost, in minor units."""
    return value_minor(one.suggestion.order, one.unit_cost)


def written(quantity: Decimal) -> str:
    """Write a quantity to three decimals, without zeros at its end."""
    return quantity_text(to_milli(quantity.quantize(Decimal("0.001"))))
