"""Tables of the forecasts: the typed view; migrations/ holds the constraints."""

from __future__ import annotations

from typing import Final

from piccolo.table import Table

from retail.runtime import columns


class ForecastState(Table, tablename="forecast_state"):
    """Which run is shown, and which was begun last."""

    tenant_id = columns.uuid(primary_key=True)
    begun = columns.big()
    shown = columns.big()
    job_id = columns.uuid(null=True)
    made_at = columns.moment(null=True)


class ForecastSeries(Table, tablename="forecast_series"):
    """A series' forecast: a value and its bounds a day."""

    tenant_id = columns.uuid()
    run = columns.big()
    level = columns.text()
    measure = columns.text()
    store_id = columns.uuid(primary_key=True)
    subject_id = columns.uuid()
    rung = columns.text()
    first_day = columns.day()
    likely = columns.decimals(16, 3)
    low = columns.decimals(16, 3, null=True)
    high = columns.decimals(16, 3, null=True)
    strong_day = columns.small(null=True)
    strong_by = columns.decimal(8, 4, null=True)
    weak_day = columns.small(null=True)
    weak_by = columns.decimal(8, 4, null=True)
    growth = columns.decimal(8, 4, null=True)
    closed = columns.dates()


class DemandAhead(Table, tablename="demand_ahead"):
    """What a product is expected to sell in a store, and how far off that may be; thousandths, cumulated."""

    tenant_id = columns.uuid()
    store_id = columns.uuid(primary_key=True)
    product_id = columns.uuid()
    run = columns.big()
    first_day = columns.day()
    abc = columns.text()
    keeps_days = columns.whole(null=True)
    expected = columns.bigs()
    middle = columns.bigs()
    spread = columns.wholes()


class ForecastModel(Table, tablename="forecast_model"):
    """Which model a level was forecast by in a run, on which days it was judged, and how wrong it was."""

    tenant_id = columns.uuid(primary_key=True)
    run = columns.big()
    level = columns.text()
    measure = columns.text()
    made_at = columns.moment()
    first_day = columns.day()
    last_day = columns.day()
    series = columns.whole()
    model = columns.text()
    before = columns.text()
    rounds = columns.small()
    better_in = columns.small()
    days = columns.small(null=True)
    wape = columns.decimal(10, 4, null=True)
    bias = columns.decimal(10, 4, null=True)
    mase = columns.decimal(10, 4, null=True)
    rmsse = columns.decimal(10, 4, null=True)
    cover = columns.decimal(6, 4, null=True)
    naive_wape = columns.decimal(10, 4, null=True)
    naive_rmsse = columns.decimal(10, 4, null=True)
    past_days = columns.small(null=True)
    past_wape = columns.decimal(10, 4, null=True)
    past_naive = columns.decimal(10, 4, null=True)
    past_cover = columns.decimal(6, 4, null=True)
    base_wape = columns.decimal(10, 4, null=True)
    counts_from = columns.day(null=True)
    off_nights = columns.small()
    drift = columns.text()
    drifted_on = columns.day(null=True)


class ForecastPast(Table, tablename="forecast_past"):
    """A night's forecast of four weeks as it was made, kept until they are over."""

    tenant_id = columns.uuid()
    level = columns.text()
    measure = columns.text()
    store_id = columns.uuid(primary_key=True)
    subject_id = columns.uuid()
    first_day = columns.day()
    model = columns.text()
    likely = columns.bigs()
    low = columns.bigs(null=True)
    high = columns.bigs(null=True)
    naive = columns.bigs()


class ForecastResponse(Table, tablename="forecast_response"):
    """How buyers answer prices: of a product, a category's products, or (an id of zeros) all of the business's."""

    tenant_id = columns.uuid()
    subject_id = columns.uuid(primary_key=True)
    elasticity = columns.decimal(6, 3)
    spread = columns.decimal(6, 3)
    changes = columns.whole()
    offers = columns.whole()
    of_others = columns.whole()


class ForecastScenario(Table, tablename="forecast_scenario"):
    """What somebody supposed of a forecast, with the forecast as it was then."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    name = columns.text()
    level = columns.text()
    measure = columns.text()
    store_id = columns.uuid()
    subject_id = columns.uuid()
    levers = columns.json()
    elasticity = columns.decimal(6, 3)
    first_day = columns.day()
    plain = columns.decimals(16, 3)
    likely = columns.decimals(16, 3)
    low = columns.decimals(16, 3, null=True)
    high = columns.decimals(16, 3, null=True)
    created_at = columns.moment()
    archived_at = columns.moment(null=True)


TABLES: Final = (
    *(DemandAhead, ForecastModel, ForecastPast, ForecastResponse, ForecastScenario, ForecastSeries),
    ForecastState,
)
