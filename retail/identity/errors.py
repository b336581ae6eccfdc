"""What can go wrong with people and sign-ins."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from retail.kit.errors import Conflict, Forbidden, NotFound, Unauthenticated
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


class OnlyOwner(Conflict):
    """A business must keep an owner who can sign in."""

    code = "only_owner"

    def __init__(self, businesses: Sequence[str]) -> None:
        super().__init__(*businesses)
        self.businesses = tuple(businesses)

    def sentence(self) -> str:
        """Say where somebody else must be an owner first."""
        told = _("This is the only owner of %(businesses)s. Make somebody else an owner there first.")
        return told % {"businesses": ", ".join(self.businesses)}


class AccountDisabled(Conflict):
    """The account was disabled for every business, by whoever runs the installation."""

    code = "account_disabled"

    def sentence(self) -> str:
        """Say who can enable it."""
        return _("This account was disabled by the operator. Ask them to enable it first.")


class AccountOpened(Conflict):
    """An account with this address was opened at the same moment, so whoever comes in isn't who they were taken for."""

    code = "account_opened"

    def sentence(self) -> str:
        """Say how to come in with it."""
        return _("An account with this address was opened just now. Load the page again, and sign in with it.")


class NoSuchAccount(NotFound):
    """Nobody has this e-mail address."""

    def __init__(self, email: str) -> None:
        super().__init__(email)
        self.email = email

    def sentence(self) -> str:
        """Say to look at the spelling."""
        return _("Nobody has an account with the address “%(email)s”. Check how it is spelled.") % {"email": self.email}


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


class PasskeyRefused(Unauthenticated):
    """A passkey's answer is for something else, too old, used before, unverified or of nobody here."""

    code = "passkey_refused"

    def sentence(self) -> str:
        """Say what else works."""
        return _("This passkey was not accepted. Try again, or use your password.")


class WrongCode(Unauthenticated):
    """A code of the app or of the recovery list doesn't fit, or was used before."""

    code = "wrong_code"

    def sentence(self) -> str:
        """Say what to type."""
        return _("This code is wrong or was used before. Wait for the next one in your app and type that.")


class CodeNeeded(Unauthenticated):
    """The password is right and the account has a second factor: a program must send a code too."""

    code = "otp_needed"

    def sentence(self) -> str:
        """Say what to send."""
        return _("This account asks for a second step. Send a code of the authenticator app as “otp”.")


class SignInTooOld(Unauthenticated):
    """Too much time went by between the password and the code, or there were too many wrong codes."""

    code = "sign_in_too_old"

    def sentence(self) -> str:
        """Say to begin again."""
        return _("This sign-in took too long or had too many wrong codes. Sign in again from the start.")


class NoPasskeysHere(Conflict):
    """The address that the browser shows isn't one that passkeys are made for."""

    code = "no_passkeys_here"

    def sentence(self) -> str:
        """Say what to do."""
        return _("Passkeys don't work at this address. Open the shop at the address that your operator gave you.")


class SignedTokenRefused(Unauthenticated):
    """A signed token is not for us, not of now, not ours, or what it was made with is no more; which is not told."""

    code = "token_refused"

    def sentence(self) -> str:
        """Say to get a new one."""
        return _("This token is not valid here. Get a new one and send that.")


class ScopeBeyondRights(Forbidden):
    """A signed token was to say more than its maker may do; `lacking` are the permissions."""

    code = "invalid_scope"

    def __init__(self, lacking: Iterable[str]) -> None:
        super().__init__()
        self.lacking = sorted(lacking)

    def sentence(self) -> str:
        """Name what to leave out."""
        return _("You don't have these rights: %(rights)s. Leave them out, or ask an owner for them.") % {
            "rights": ", ".join(self.lacking)
        }

    def facts(self) -> Mapping[str, object]:
        """Name the permissions."""
        return {"lacking": self.lacking}


class NoFurtherToken(Forbidden):
    """A signed token or a device asks for a signed token."""

    code = "no_further_token"

    def sentence(self) -> str:
        """Say with what to ask."""
        return _("Ask for this with a session, an access token or a script's token.")
