"""What can go wrong on the ways in: invitations, resets, single sign-on, networks."""

from __future__ import annotations

from collections.abc import Mapping

from retail.kit.errors import Conflict, DomainError, Forbidden, NotFound
from retail.kit.text import _


class InvitationSpent(NotFound):
    """A link was used, withdrawn, replaced by a newer one, is too old, or never was one."""

    code = "invitation_spent"

    def sentence(self) -> str:
        """Say whom to ask."""
        return _("This invitation was used, withdrawn or is too old. Ask whoever invited you to send a new one.")


class AlreadyInvited(Conflict):
    """The address has an open invitation."""

    code = "already_invited"

    def sentence(self) -> str:
        """Say where it is."""
        return _("This address has an open invitation already. Send it again or withdraw it on the page People.")


class TooManyInvitations(Conflict):
    """A hundred invitations wait."""

    code = "too_many_invitations"

    def sentence(self) -> str:
        """Say what to do."""
        return _("A hundred invitations are waiting. Withdraw some before you send more.")


class ResetSpent(NotFound):
    """A link to a new password was used, is too old, or never was one."""

    code = "reset_spent"

    def sentence(self) -> str:
        """Say how to get another."""
        return _("This link was used or is too old. Ask for a new one on the sign-in page.")


class OutsideNetworks(Forbidden):
    """The business lets only known networks in, and this is none of them."""

    code = "outside_networks"

    def sentence(self) -> str:
        """Say where to go."""
        return _("Your business lets only known networks in. Work from one of them, or ask an owner to add yours.")


class YouWouldBeOut(Conflict):
    """A list of networks that doesn't hold the address of whoever sets it."""

    code = "you_would_be_out"

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.address = address

    def sentence(self) -> str:
        """Name the address that has to be inside."""
        return _("You are at %(address)s, which is not in this list: you would lock yourself out. Add it first.") % {
            "address": self.address
        }


class SignInElsewhere(Forbidden):
    """Members with this role come in by the business's own sign-in alone."""

    code = "sso_required"

    def __init__(self, slug: str, name: str) -> None:
        super().__init__()
        self.slug, self.name = slug, name

    def sentence(self) -> str:
        """Say where."""
        return _("Your business asks you to sign in with %(name)s. Sign out, then choose it on the sign-in page.") % {
            "name": self.name
        }

    def facts(self) -> Mapping[str, object]:
        """Give the address that begins it."""
        return {"sign_in": f"/sign-in/sso/{self.slug}"}


class SsoFailed(DomainError):
    """Signing in with the business's identity provider didn't work. `why` is for the log and whoever sets it up."""

    status = 401
    code = "sso_failed"

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why

    def sentence(self) -> str:
        """Say what to try."""
        return _("Signing in with your business's account did not work. Try again; if it happens twice, tell an owner.")


class NotKnownHere(SsoFailed):
    """The identity provider knows somebody whom the business doesn't."""

    code = "sso_not_a_member"

    def sentence(self) -> str:
        """Say whom to ask."""
        return _("Your account is fine, but it is no member of this business yet. Ask an owner to invite you.")


class NobodyKeepsTheKey(Conflict):
    """Owners must sign in elsewhere and none of them is excepted."""

    code = "no_break_glass"

    def sentence(self) -> str:
        """Say what to do."""
        return _("Except at least one owner, who gets in when the sign-in of your business is down.")


class ElsewhereToo(Forbidden):
    """Somebody who belongs to other businesses too, or to the platform: no single business may open their account."""

    code = "belongs_elsewhere"

    def sentence(self) -> str:
        """Say who can."""
        return _("This person works for other businesses too. Ask support to reset their second step.")


class OwnFactors(Forbidden):
    """Nobody resets or confirms the reset of their own second factor."""

    code = "own_factors"

    def sentence(self) -> str:
        """Say who can."""
        return _("You can't do this for yourself. Ask another owner, or support.")
