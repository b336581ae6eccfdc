"""What can stand between somebody and an approval."""

from __future__ import annotations

from collections.abc import Mapping

from retail.identity.permissions import permission
from retail.kit.errors import Conflict, Forbidden, NeedsApproval, NotFound
from retail.kit.text import _


class ApprovalNeeded(NeedsApproval):
    """The act is over the actor's limit and comes without a valid approval. `why` is a code of approvals.WHY."""

    def __init__(self, permission: str, amount: int | None, limit: int | None, why: str = "missing") -> None:
        super().__init__(permission)
        self.amount = amount
        self.limit = limit
        self.why = why

    def sentence(self) -> str:
        """Say what was lacking, and what to do."""
        words = permission(self.permission).words
        told = {
            "used": _("This approval has been used already. Ask for another one."),
            "expired": _("This approval is older than ten minutes. Ask for another one."),
            "changed": _("This is not what was approved: something has changed since. Ask again."),
            "refused": _("This was refused. Ask a manager why before you try again."),
            "asked": _("Nobody has granted this yet. Wait for the answer, then do it again."),
        }
        return told.get(
            self.why,
            _("You need somebody's approval for this: %(what)s. Ask for it, then do it again with the approval.")
            % {"what": words},
        )

    def facts(self) -> Mapping[str, object]:
        """Give what an approval has to be asked for."""
        return {"permission": self.permission, "amount": self.amount, "limit": self.limit, "why": self.why}


class ApprovalNotNeeded(Conflict):
    """The actor may do it alone."""

    code = "approval_not_needed"

    def sentence(self) -> str:
        """Say to go on."""
        return _("You may do this without an approval. Just go on.")


class NoSuchApproval(NotFound):
    """Nothing like it was asked for here."""

    code = "no_such_approval"

    def sentence(self) -> str:
        """Say where to look."""
        return _("We can't find this request. Open the list of approvals and pick it again.")


class OwnRequest(Forbidden):
    """Somebody wants to approve what they asked for themselves."""

    code = "own_request"

    def sentence(self) -> str:
        """Say who can."""
        return _("Nobody approves their own request. Ask somebody else who may.")


class MayNotApprove(Forbidden):
    """The approver lacks the right for that much, in that store."""

    code = "may_not_approve"

    def sentence(self) -> str:
        """Say who can."""
        return _("This is more than you may approve there. Ask somebody with a higher limit.")


class Decided(Conflict):
    """It was answered, withdrawn or used before, or its ten minutes are over."""

    code = "approval_decided"

    def __init__(self, state: str, by: str = "") -> None:
        super().__init__(state, by)
        self.state = state
        self.by = by

    def sentence(self) -> str:
        """Say what became of it."""
        told = {
            "granted": _("%(name)s has granted this already."),
            "used": _("This was granted by %(name)s and has been used."),
            "refused": _("%(name)s has refused this already."),
            "withdrawn": _("Whoever asked doesn't need it any more."),
            "expired": _("This request is older than ten minutes and counts no more."),
        }
        return told.get(self.state, _("This was answered already.")) % {"name": self.by or _("Somebody")}

    def facts(self) -> Mapping[str, object]:
        """Give its state."""
        return {"state": self.state}


class FirstPinNeeded(Conflict):
    """A one-time PIN opens nothing but the choice of one's own."""

    code = "first_pin_needed"

    def sentence(self) -> str:
        """Say what comes first."""
        return _("This is a one-time PIN. Sign in at the till with it once and choose your own; then approve.")
