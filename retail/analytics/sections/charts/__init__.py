"""The charts of the sections: what each is drawn as, and where its rows come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from retail.analytics.sections.charts import parts, products, time
from retail.analytics.sections.charts.parts import Draw


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart: its shape in static/charts, its rows, and whether it is for who may see costs."""

    shape: str
    rows: Draw
    costs: bool = False


CHARTS: Final[Mapping[str, Chart]] = {
    "trend": Chart("revenue", time.trend),
    "growing": Chart("growing", time.growing),
    "averaged": Chart("averaged", time.averaged),
    "heat": Chart("heat", time.heat),
    "calendar": Chart("calendar", time.calendar),
    "weekdays": Chart("boxes", time.boxes),
    "waterfall": Chart("waterfall", parts.waterfall, costs=True),
    "stores": Chart("ranked", parts.ranked("store")),
    "categories": Chart("ranked", parts.ranked("category")),
    "cashiers": Chart("ranked", parts.ranked("cashier")),
    "tenders": Chart("donut", parts.parts("tender")),
    "tenders-time": Chart("shares", parts.over_time("tender")),
    "categories-time": Chart("stacked", parts.over_time("category")),
    "categories-shares": Chart("slopes", parts.slopes("category")),
    "products-moved": Chart("changes", parts.changes("product")),
    "pareto": Chart("pareto", products.pareto),
    "bubbles": Chart("bubbles", products.bubbles, costs=True),
    "price-effects": Chart("dumbbells", products.effects),
}
