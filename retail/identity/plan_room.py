"""What a business's plan has room for and has in it. What is there stays; only what is new is measured."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from retail.kit.errors import Conflict
from retail.kit.text import _
from retail.runtime.db import Tx

Kind = Literal["people", "stores", "tills"]
Feature = Literal["api", "single_sign_on", "loss_prevention"]

# The business's row is held, so that two who add at the same moment are counted one after the other.
_HELD: Final = """
SELECT n.name, n.people, n.stores, n.tills FROM tenant t JOIN plan n ON n.key = t.plan
 WHERE t.id = $1 FOR NO KEY UPDATE OF t"""
_COUNTS: Final[Mapping[Kind, str]] = {
    "people": """SELECT (SELECT count(*) FROM membership WHERE tenant_id = $1 AND ended_at IS NULL)
                      + (SELECT count(*) FROM invitation WHERE tenant_id = $1 AND accepted_at IS NULL
                            AND withdrawn_at IS NULL AND expires_at > $2)""",
    "stores": "SELECT count(*) FROM store WHERE tenant_id = $1 AND archived_at IS NULL AND created_at <= $2",
    "tills": "SELECT count(*) FROM till WHERE tenant_id = $1 AND retired_at IS NULL AND created_at <= $2",
}


_LACKS: Final = """
SELECT n.name FROM tenant t JOIN plan n ON n.key = t.plan WHERE t.id = $1 AND NOT $2 = ANY (n.features)"""


class NotInPlan(Conflict):
    """The business's plan doesn't have what was to be set up."""

    code = "not_in_plan"

    def __init__(self, feature: Feature, plan: str) -> None:
        super().__init__(feature, plan)
        self.feature, self.plan = feature, plan

    def sentence(self) -> str:
        """Say what isn't in it, and who can change that."""
        words = {
            "api": _("Access for programs is not in your plan %(plan)s. Those that have it keep it."),
            "single_sign_on": _("Single sign-on is not in your plan %(plan)s. Nothing was saved."),
            "loss_prevention": _(
                "Loss prevention by your own rules is not in your plan %(plan)s: it goes by the usual ones."
                " Nothing was saved."
            ),
        }[self.feature]
        more = _("The owner can take a larger plan under Subscription; it holds at once.")
        return f"{words % {'plan': self.plan}} {more}"

    def facts(self) -> Mapping[str, object]:
        """Give the plan and what it lacks."""
        return {"feature": self.feature, "plan": self.plan}


class PlanTooSmall(Conflict):
    """The business's plan has no room for one more."""

    code = "plan_too_small"

    def __init__(self, kind: Kind, plan: str, most: int) -> None:
        super().__init__(kind, plan, most)
        self.kind, self.plan, self.most = kind, plan, most

    def sentence(self) -> str:
        """Say how many there may be, and what makes room."""
        words = {
            "people": _("Your plan %(plan)s has room for %(most)d people, invited ones too. Nothing was saved."),
            "stores": _("Your plan %(plan)s has room for %(most)d stores. Nothing was saved."),
            "tills": _("Your plan %(plan)s has room for %(most)d tills. Nothing was saved."),
        }[self.kind]
        more = _("The owner can take a larger plan under Subscription; it holds at once.")
        return f"{words % {'plan': self.plan, 'most': self.most}} {more}"

    def facts(self) -> Mapping[str, object]:
        """Give the figures."""
        return {"kind": self.kind, "plan": self.plan, "most": self.most}


async def refuse_one_more(tx: Tx, kind: Kind) -> None:
    """Refuse one more person, store or till than the plan has room for. Locks the business. Raises PlanTooSmall."""
    row = await tx.fetchrow(_HELD, tx.tenant)
    most = row[kind] if row else None
    if row is not None and most is not None and await tx.fetchval(_COUNTS[kind], tx.tenant, tx.now) >= most:
        raise PlanTooSmall(kind, row["name"], most)


async def refuse_without(tx: Tx, feature: Feature) -> None:
    """Refuse to set up what the business's plan doesn't have. Raises NotInPlan."""
    plan = await tx.fetchval(_LACKS, tx.tenant, feature)
    if plan is not None:
        raise NotInPlan(feature, plan)
