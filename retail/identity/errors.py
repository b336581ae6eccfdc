"""What can go wrong with people and sign-ins."""

from __future__ import annotations

from retail.kit.errors import Conflict, Forbidden, Unauthenticated
from retail.kit.text import _


class WrongPassword(Unauthenticated):
    """The e-mail address and the password don't belong together; which of the two is wrong is not told."""

    code = "wrong_password"

    def sentence(self) -> str:
        """Say what to check."""
        return _("The e-mail address or the password is wrong. Check both and try again.")


class TokenSpent(Unauthenticated):
    """A refresh token is unknown, too old or was used before; its whole family is void."""

    code = "token_spent"

    def sentence(self) -> str:
        """Say to sign in anew."""
        return _("This token is no longer valid. Sign in again to get a new one.")


class AlreadyMember(Conflict):
    """The person is a member already."""

    code = "already_member"

    def sentence(self) -> str:
        """Say to look in the list."""
        return _("Somebody with this e-mail address is in the list already. Change their role there.")


class LastOwner(Conflict):
    """A business must keep an owner."""

    code = "last_owner"

    def sentence(self) -> str:
        """Say what to do first."""
        return _("This is the only owner. Make somebody else an owner first.")


class RoleChanged(Conflict):
    """Somebody else has changed the member's role since the list was opened."""

    code = "role_changed"

    def sentence(self) -> str:
        """Say that nothing was done, and what to look at."""
        return _("Somebody has changed this role since you opened the list, so it was left. Look, then choose.")


class OwnersOnly(Forbidden):
    """Only an owner adds, changes or removes owners."""

    def sentence(self) -> str:
        """Say whom to ask."""
        return _("Only an owner can do this to an owner. Ask an owner.")
