"""What can go wrong with roles and grants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from retail.kit.errors import Conflict, Forbidden
from retail.kit.text import _


class BeyondYourRights(Forbidden):
    """Nobody gives rights that they don't have themselves, or takes them from somebody who has more."""

    code = "beyond_your_rights"

    def __init__(self, permissions: Sequence[str]) -> None:
        super().__init__(permissions[0] if permissions else "")
        self.permissions = list(permissions)

    def sentence(self) -> str:
        """Say whom to ask."""
        return _("This role may do more than you may give or take. Ask an owner.")

    def facts(self) -> Mapping[str, object]:
        """Name the permissions that are lacking."""
        return {"permissions": self.permissions}


class HeldForATime(BeyondYourRights):
    """Nobody gives rights for longer than they have them: what a grant with an end gave, ends with it."""

    code = "held_for_a_time"

    def sentence(self) -> str:
        """Say what can be given instead."""
        return _(
            "You have these rights yourself for a time only. Grant them until that time at the latest, or ask an owner."
        )


class OwnRights(Forbidden):
    """Nobody changes what they may do themselves."""

    code = "own_rights"

    def sentence(self) -> str:
        """Say who can."""
        return _("You can't change your own role, stores or grants. Ask somebody else who may.")


class RightsChanged(Forbidden):
    """What somebody may do was changed while they were doing it."""

    code = "rights_changed"

    def sentence(self) -> str:
        """Say to look again."""
        return _("Your rights have changed meanwhile, so nothing was stored. Reload the page to see what you may do.")


class OwnersKeep(Conflict):
    """Some rights can't be taken from the owners: nobody could give them back."""

    code = "owners_keep"

    def sentence(self) -> str:
        """Say which ones."""
        return _("Owners keep the rights over people, roles and signing in: nobody could give them back.")


class RoleNameTaken(Conflict):
    """Two roles of a business can't have the same name."""

    code = "role_name_taken"

    def sentence(self) -> str:
        """Say to pick another."""
        return _("There is a role with this name already. Pick another name.")


class RoleInUse(Conflict):
    """Somebody holds the role."""

    code = "role_in_use"

    def sentence(self) -> str:
        """Say what to do first."""
        return _("This role is in use. Give the people and programs that have it another one first.")


class RoleStays(Conflict):
    """The roles that every business begins with can be changed, not deleted."""

    code = "role_stays"

    def sentence(self) -> str:
        """Say what can be done instead."""
        return _("This role belongs to every business and can't be deleted. Change what it may do instead.")


class RoleEdited(Conflict):
    """Somebody else changed the role meanwhile."""

    code = "role_edited"

    def sentence(self) -> str:
        """Say to look again."""
        return _("Somebody else changed this role meanwhile. Reload the page and make your change again.")


class OwnersEverywhere(Conflict):
    """An owner is one everywhere and for good, or isn't one."""

    code = "owners_everywhere"

    def sentence(self) -> str:
        """Say what to pick."""
        return _("Nobody is an owner for a while or for one store. Pick another role.")
