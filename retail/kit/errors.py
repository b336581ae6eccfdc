"""What can go wrong in a shop: classes with a status, a code and a sentence that says what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from retail.kit.text import _, ngettext


class DomainError(Exception):
    """Something the rules of the shop don't allow. Subclasses say what, with data; the edge turns it into an answer."""

    status: ClassVar[int] = 409
    code: ClassVar[str] = "not_allowed"

    def sentence(self) -> str:
        """Say what happened and what to do, in a shop worker's words."""
        return _("This can't be done right now. Reload the page and try again.")

    def facts(self) -> Mapping[str, object]:
        """Give the data a program needs beside the sentence; becomes extra members of the problem document."""
        return {}

    def __str__(self) -> str:
        return self.sentence()


class NotFound(DomainError):
    """The thing does not exist, or belongs to somebody else: the answer is the same."""

    status = 404
    code = "not_found"

    def __init__(self, kind: str = "") -> None:
        super().__init__(kind)
        self.kind = kind

    def sentence(self) -> str:
        """Say that it isn't there."""
        return _("We can't find that. It may have been moved or removed; go back and pick it again.")


class Forbidden(DomainError):
    """The person is known, and lacks the right."""

    status = 403
    code = "forbidden"

    def __init__(self, permission: str = "") -> None:
        super().__init__(permission)
        self.permission = permission

    def sentence(self) -> str:
        """Say whom to ask."""
        return _("You don't have the right to do this. Ask an owner or manager.")

    def facts(self) -> Mapping[str, object]:
        """Name the missing permission."""
        return {"permission": self.permission} if self.permission else {}


class NeedsApproval(Forbidden):
    """The person has the right only with somebody's approval."""

    code = "approval_needed"

    def sentence(self) -> str:
        """Say who can help."""
        return _("This needs the approval of somebody who may give it. Ask an owner or manager.")


class Unauthenticated(DomainError):
    """Nobody is signed in, or no longer."""

    status = 401
    code = "unauthenticated"

    def sentence(self) -> str:
        """Say to sign in."""
        return _("Please sign in to go on.")


class Expired(DomainError):
    """A form was sent from another site or from a page that is too old."""

    status = 419
    code = "form_expired"

    def sentence(self) -> str:
        """Say to reload."""
        return _("This page is out of date. Reload it and try again; what you typed is still there.")


class Invalid(DomainError):
    """A form or document has errors; `errors` maps a field's name to its sentences ('' for the whole)."""

    status = 422
    code = "invalid"

    def __init__(self, errors: Mapping[str, Sequence[str]]) -> None:
        super().__init__(errors)
        self.errors = {field: list(sentences) for field, sentences in errors.items()}

    def sentence(self) -> str:
        """Point at the marked fields."""
        return _("Please correct the marked fields.")

    def facts(self) -> Mapping[str, object]:
        """Give the sentences per field."""
        return {"errors": self.errors}


class Conflict(DomainError):
    """Somebody else was first, or the same key came with another body."""

    code = "conflict"


class ChangedMeanwhile(Conflict):
    """Somebody else has saved the thing since the form that is now sent was opened."""

    code = "changed_meanwhile"

    def sentence(self) -> str:
        """Say what happened, and how to go on."""
        return _(
            "Somebody has changed this since you opened it, so it was not saved. What you typed is still here:"
            " what the other changed is marked beside its field. Compare, then save again."
        )


class IdempotencyConflict(Conflict):
    """The same key came before with another content."""

    code = "idempotency_conflict"

    def sentence(self) -> str:
        """Say that the key is taken."""
        return _("This was already sent with other content. Nothing was changed; send it under a new id.")


class TooMany(DomainError):
    """Too many tries; wait `retry_after` seconds."""

    status = 429
    code = "too_many_requests"

    def __init__(self, retry_after: int) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after

    def sentence(self) -> str:
        """Say how long to wait."""
        said = ngettext(
            "Too many tries. Wait %(seconds)d second and try again.",
            "Too many tries. Wait %(seconds)d seconds and try again.",
            self.retry_after,
        )
        return said % {"seconds": self.retry_after}


class Busy(DomainError):
    """The system can't serve this now; wait `retry_after` seconds."""

    status = 503
    code = "busy"

    def __init__(self, retry_after: int = 2) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after

    def sentence(self) -> str:
        """Say that nothing was lost."""
        return _("The system is busy. Nothing was lost; try again in a moment.")


class ConfirmationNeeded(Forbidden):
    """The person has the right and must first prove again that it is them."""

    code = "confirmation_needed"

    def sentence(self) -> str:
        """Say what comes first."""
        return _("Confirm that it's you first: with your password, a code or a passkey. Then do this again.")


class OnlyLooking(Forbidden):
    """Somebody of the platform looks at a business: nothing can be changed meanwhile, and no file taken along."""

    code = "only_looking"

    def sentence(self) -> str:
        """Say what comes first."""
        return _("You are only looking, so nothing can be changed or taken along. Stop looking to work as yourself.")


class SecondFactorNeeded(Forbidden):
    """The business asks for a second step at sign-in, and the time to set it up is over."""

    code = "second_factor_needed"

    def sentence(self) -> str:
        """Say where to set it up."""
        return _("Your business asks for a second step at sign-in. Set it up on your account page, then go on.")


class NoRoom(Busy):
    """The disk that everything is stored on is full: nothing can be written until somebody makes room."""

    code = "no_room"

    def __init__(self, retry_after: int = 10) -> None:
        super().__init__(retry_after)

    def sentence(self) -> str:
        """Say who can help; what is on the screen can still be read."""
        return _(
            "The server's disk is full, so this can't be stored. Nothing was lost; tell whoever looks after the server."
        )
