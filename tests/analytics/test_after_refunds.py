"""Revenue is what is left after refunds, on Today and on the overview alike, and both say so."""

from __future__ import annotations

from datetime import UTC, datetime

from retail.kit.ids import new_id
from retail.sales.documents import ReturnIn
from retail.sales.returns import return_goods
from tests.support import told
from tests.support.selling import Counter
from tests.support.web import Site, site
from tests.support.world import Shop

__all__ = ["site"]


async def test_today_and_the_overview_say_the_same_after_refunds(shop: Shop, counter: Counter, site: Site) -> None:
    stamp = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    kept, gone = await counter.send(counter.sale(occurred_at=stamp), counter.sale(occurred_at=stamp))
    assert kept.sale is not None
    assert gone.sale is not None
    back = ReturnIn(new_id(), shop.till, counter.shift, {gone.sale.lines[0].id: 1000}, (), new_id().bytes * 2)
    await shop.db.run(shop.scope, return_goods, gone.sale.id, back)
    await told.relay(shop)
    owner, home = await site.member(shop), f"/t/{shop.tenant.slug}"
    today, overview = (await owner.get(f"{home}/")).text, (await owner.get(f"{home}/analytics?period=day")).text
    for page in (today, overview):
        assert "After refunds" in page
        revenue = page.split('id="kpi-revenue', 1)[1].split("</section>", 1)[0]
        assert ("4.20" in revenue, "8.40" in revenue) == (True, False)
