"""Tables of promotions: the typed view; migrations/m0046_promotions.py holds the constraints."""

from __future__ import annotations

from piccolo import columns as piccolo
from piccolo.table import Table

from retail.runtime import columns


class OfferRow(Table, tablename="offer"):
    """An offer as it is now; `terms` are its kind's."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    version = columns.whole()
    name = columns.text()
    kind = columns.text()
    terms = columns.json()
    state = columns.text()
    priority = columns.small()
    exclusive = columns.boolean()
    coupon = columns.boolean()
    store_ids = piccolo.Array(base_column=piccolo.UUID(), null=True, default=None)
    customer_groups = columns.texts(null=True)
    starts_at = columns.moment(null=True)
    ends_at = columns.moment(null=True)
    windows = columns.json()
    least_pieces = columns.whole()
    least_spend_minor = columns.big()
    times = columns.whole(null=True)
    most_minor = columns.big(null=True)
    created_at = columns.moment()
    updated_at = columns.moment()


class OfferVersion(Table, tablename="offer_version"):
    """What tills have of an offer from a version of their set on; no body: it left the set."""

    tenant_id = columns.uuid()
    offer_id = columns.uuid(primary_key=True)
    set_version = columns.big()
    body = columns.json(null=True)
    made_at = columns.moment()


class CouponSeries(Table, tablename="coupon_series"):
    """Coupons for an offer: codes that were made, or one word for all."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    offer_id = columns.uuid()
    kind = columns.text()
    prefix = columns.text()
    uses = columns.whole(null=True)
    expires_at = columns.moment(null=True)
    made = columns.whole()
    created_at = columns.moment()
    closed_at = columns.moment(null=True)


class CouponCode(Table, tablename="coupon_code"):
    """One code, and how often it was used."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    series_id = columns.uuid()
    code = columns.text()
    uses = columns.whole(null=True)
    used = columns.whole()
    created_at = columns.moment()


class CouponUse(Table, tablename="coupon_use"):
    """A sale that used a code."""

    tenant_id = columns.uuid()
    sale_id = columns.uuid(primary_key=True)
    code_id = columns.uuid()
    used_at = columns.moment()


class SaleOffer(Table, tablename="sale_offer"):
    """What an offer took off a line."""

    tenant_id = columns.uuid()
    sale_id = columns.uuid(primary_key=True)
    line_id = columns.uuid()
    offer_id = columns.uuid()
    version = columns.whole()
    amount_minor = columns.big()


class OfferTrial(Table, tablename="offer_trial"):
    """What an offer would have done with past baskets."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    offer_id = columns.uuid()
    offer_version = columns.whole()
    state = columns.text()
    from_day = columns.day()
    to_day = columns.day()
    wanted = columns.whole()
    walked = columns.whole()
    after = columns.uuid(null=True)
    result = columns.json()
    created_at = columns.moment()
    finished_at = columns.moment(null=True)
