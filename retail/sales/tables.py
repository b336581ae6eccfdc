"""Tables of sales and of the tills' journals: the typed view; migrations/ holds the constraints."""

from __future__ import annotations

from piccolo.table import Table

from retail.runtime import columns


class SaleRow(Table, tablename="sale"):
    """A paid sale, a return, or a payment on kept goods; never edited."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    kind = columns.text()
    store_id = columns.uuid()
    till_id = columns.uuid()
    shift_id = columns.uuid(null=True)
    after_close = columns.boolean()
    number = columns.big()
    number_clash = columns.whole()
    original_id = columns.uuid(null=True)
    customer_id = columns.uuid(null=True)
    customer_ref = columns.text(null=True)
    occurred_at = columns.moment()
    received_at = columns.moment()
    business_date = columns.day()
    local_hour = columns.small()
    currency = columns.text()
    prices_include_tax = columns.boolean()
    engine = columns.text()
    units = columns.decimal(14, 3)
    subtotal_minor = columns.big()
    tax_minor = columns.big()
    total_minor = columns.big()
    discount_minor = columns.big()
    cash_rounding_minor = columns.big()
    claimed_total_minor = columns.big()
    cost_minor = columns.big()
    cashier_id = columns.uuid(null=True)
    cashier_name = columns.text()
    body_hash = columns.binary()
    fiscal_position_id = columns.uuid(null=True)
    exemption_id = columns.uuid(null=True)
    price_group = columns.text(null=True)
    age_checked = columns.small(null=True)
    layaway_id = columns.uuid(null=True)
    down_minor = columns.big()


class SaleRisk(Table, tablename="sale_risk"):
    """How risky a receipt is, as it was found once, with its reasons and the alert that it is part of."""

    tenant_id = columns.uuid()
    sale_id = columns.uuid(primary_key=True)
    store_id = columns.uuid()
    points = columns.small()
    level = columns.text()
    reasons = columns.json()
    alert_id = columns.uuid(null=True)
    scored_at = columns.moment()


class SaleLine(Table, tablename="sale_line"):
    """A line of a sale; a return's line names the sold line and how much of it was back before."""

    tenant_id = columns.uuid()
    sale_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    position = columns.small()
    product_id = columns.uuid(null=True)
    name = columns.text()
    sku = columns.text()
    quantity = columns.decimal(14, 3)
    unit_price_minor = columns.big()
    discount_minor = columns.big()
    net_minor = columns.big()
    tax_minor = columns.big()
    total_minor = columns.big()
    tax_code = columns.text()
    rate_micros = columns.whole()
    unit_cost = columns.decimal(18, 6)
    cost_minor = columns.big()
    original_sale_id = columns.uuid(null=True)
    original_line_id = columns.uuid(null=True)
    returned_before = columns.decimal(14, 3, null=True)
    choices = columns.json(null=True)
    note = columns.text()
    parent_id = columns.uuid(null=True)
    by_hand = columns.boolean()


class SalePart(Table, tablename="sale_part"):
    """What a line took from the shelf where that isn't its own product: a part of a kit, or nothing."""

    tenant_id = columns.uuid()
    sale_id = columns.uuid(primary_key=True)
    line_id = columns.uuid()
    position = columns.small()
    product_id = columns.uuid(null=True)
    quantity = columns.decimal(14, 3)
    unit_cost = columns.decimal(18, 6)
    cost_minor = columns.big()


class SaleTax(Table, tablename="sale_tax"):
    """Tax of one rate on a sale."""

    tenant_id = columns.uuid()
    sale_id = columns.uuid(primary_key=True)
    tax_code = columns.text()
    rate_micros = columns.whole()
    base_minor = columns.big()
    tax_minor = columns.big()
    parts = columns.json(null=True)


class Tender(Table, tablename="tender"):
    """Money handed over for a sale, and what was given back of it."""

    tenant_id = columns.uuid()
    sale_id = columns.uuid(primary_key=True)
    position = columns.small()
    type = columns.text()
    amount_minor = columns.big()
    change_minor = columns.big()
    reference = columns.text()
    attempt_id = columns.uuid(null=True)
    tip_minor = columns.big()
    currency = columns.text(null=True)
    foreign_minor = columns.big(null=True)
    rate_billionths = columns.big(null=True)
    value_id = columns.uuid(null=True)
    lacking_minor = columns.big()


class ReturnNote(Table, tablename="return_note"):
    """What a till said about a return: from a receipt or without one, why, what was thrown away, what it was for."""

    tenant_id = columns.uuid()
    sale_id = columns.uuid(primary_key=True)
    basis = columns.text()
    named_sale = columns.uuid(null=True)
    exchange_id = columns.uuid(null=True)
    reason = columns.text()
    wasted = columns.json()


class ReturnHold(Table, tablename="return_hold"):
    """What of a sale is promised to a till that is about to pay for it."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    till_id = columns.uuid()
    sale_id = columns.uuid()
    lines = columns.json()
    expires_at = columns.moment()
    created_at = columns.moment()
    cashier_id = columns.uuid(null=True)


class Voided(Table, tablename="voided"):
    """What was taken out of an open sale, or brought back into it."""

    tenant_id = columns.uuid(primary_key=True)
    id = columns.uuid()
    kind = columns.text()
    void_id = columns.uuid(null=True)
    store_id = columns.uuid()
    till_id = columns.uuid()
    shift_id = columns.uuid(null=True)
    basket_id = columns.uuid(null=True)
    cashier_id = columns.uuid(null=True)
    cashier_name = columns.text()
    reason = columns.text()
    lines = columns.json()
    amount_minor = columns.big()
    occurred_at = columns.moment()
    created_at = columns.moment()


class HeldSale(Table, tablename="held_sale"):
    """A sale on hold that every till of the store sees."""

    tenant_id = columns.uuid(primary_key=True)
    id = columns.uuid()
    store_id = columns.uuid()
    till_id = columns.uuid()
    owner_id = columns.uuid(null=True)
    owner_name = columns.text()
    basket = columns.json()
    items = columns.whole()
    total_minor = columns.big()
    held_at = columns.moment()
    created_at = columns.moment()
    recall_id = columns.uuid(null=True)
    recalled_as = columns.uuid(null=True)
    recalled_till_id = columns.uuid(null=True)
    recalled_by = columns.uuid(null=True)
    recalled_by_name = columns.text(null=True)
    recalled_at = columns.moment(null=True)
    ended_at = columns.moment(null=True)
    ended_how = columns.text(null=True)
    ended_id = columns.uuid(null=True)


class ReceiptLink(Table, tablename="receipt_link"):
    """The hash of a token that opens a receipt's public page."""

    tenant_id = columns.uuid()
    token_hash = columns.binary()
    sale_id = columns.uuid(primary_key=True)
    created_at = columns.moment()


class ReceiptCopy(Table, tablename="receipt_copy"):
    """What was given out of a receipt after the original."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    sale_id = columns.uuid()
    till_id = columns.uuid(null=True)
    how = columns.text()
    n = columns.whole()
    created_at = columns.moment()


class SyncException(Table, tablename="sync_exception"):
    """Something off about a sale or a till that a person should look at, and what the person found."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    sale_id = columns.uuid(null=True)
    till_id = columns.uuid(null=True)
    store_id = columns.uuid(null=True)
    product_id = columns.uuid(null=True)
    code = columns.text()
    facts = columns.json()
    created_at = columns.moment()
    resolved_at = columns.moment(null=True)
    resolved_by = columns.text(null=True)
    resolution = columns.text(null=True)
    fix = columns.text(null=True)
    fix_id = columns.uuid(null=True)


class TillClaim(Table, tablename="till_claim"):
    """A device's right to sell at a till, from its claim to the next one; the fence counts claims."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    till_id = columns.uuid()
    device_id = columns.uuid()
    fence = columns.big()
    label = columns.text()
    claimed_by = columns.text()
    claimed_at = columns.moment()
    released_at = columns.moment(null=True)
    seen_at = columns.moment(null=True)
    away_since = columns.moment(null=True)
    back_at = columns.moment(null=True)


class TillJournal(Table, tablename="till_journal"):
    """A record of a till's own journal, with the exact text that was hashed, and what became of it."""

    tenant_id = columns.uuid()
    till_id = columns.uuid()
    device_id = columns.uuid()
    seq = columns.big()
    kind = columns.text()
    record_id = columns.uuid(primary_key=True)
    at = columns.text()
    payload = columns.text()
    prev_hash = columns.text()
    hash = columns.text()
    intact = columns.boolean()
    fence = columns.big()
    status = columns.text()
    answer = columns.json()
    received_at = columns.moment()
    signature = columns.text()
    cashier_id = columns.uuid(null=True)
