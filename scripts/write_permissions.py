"""Write docs/security/permissions.md from the table of permissions: `python -m scripts.write_permissions`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from retail.identity.permissions import ASKS, GROUPS, OWNERS_KEEP, PERMISSIONS, TEMPLATES, Permission
from retail.runtime.tenancy import Right

PAGE: Final = Path(__file__).resolve().parents[1] / "docs" / "security" / "permissions.md"
_ROLES: Final = ("owner", "manager", "clerk", "viewer")
_INTRO: Final = """\
# Permissions

Written by `python -m scripts.write_permissions` from `retail/identity/permissions.py`, which is the one source for
routes, roles, pages, the API, this page and the tests. A test fails where the two differ.

## How a right is held

A permission is **allowed**, **needs approval**, or is **denied** (what a role doesn't name). An allowed one may have a
limit: a percentage (stored in basis points) or an amount of the business's currency (stored in minor units); over the
limit an approval is needed. `Scope.decide(permission, amount, store)` gives the answer; operations ask it where the
amount is known. Permissions marked "asks" below open their pages to whoever needs an approval, because their operations
ask for it; for all others "needs approval" keeps the door shut (403, code `approval_needed`).

Roles are rows (`role`, `role_right`) that every business may change. It begins with the four below, which can be
renamed and changed, not deleted; it adds its own by copying one, and deletes those that nobody holds. A change counts
at once: sessions of the same process forget what they knew, other processes within 2 s, open sockets prove themselves
again. A change that is long under way is proved again before it begins and before it commits, so nothing is stored 5 s
or more after the right to it is gone (`runtime/db.py`, `identity/proof.py`).

## Stores and times

A member has one role, in all stores or, where the business says so, only as a title. Grants (`role_grant`) add a role
for one store or all, from now or a later moment, until another or for good. What somebody may do is the union of their
own role and the grants that count now; per permission and store the most permissive wins. Rights over the whole
business (marked below) are never given for one store.

Each request sees the stores in which the permission of its route is had. The transaction names them (`app.stores`, in
the same round trip as BEGIN), and restrictive policies (`store_floor`) on every table with a store, and on those that
hang on such a row, keep the other stores' rows unseen. Rows of no store are the whole business's, and unseen too.
Operations that write to a store call `scope.require_in(permission, store)`. Live topics of another
store are refused; of topics about all stores (`sales`, `today:all`) whoever sees only some hears what happens in those,
and is painted a page as if there were no others (`Channel.by_store`); those whose messages name no store are refused.

## Two rights at once

Some routes and columns ask for a second right, and show the stores in which both are had.

* `view_costs`: what goods cost and what is earned on them. Without it the pages leave out the columns *Cost*, *Unit
  cost*, *Value*, *Value at cost* and the tile *Gross margin* (its live topic too), files leave the columns out, and the
  API answers null (`unit_cost`, `value`, `cost`, `margin`, `gross_margin`). Who may not see a cost can't set one either
  (403; the form leaves it as it is), but says what a delivery cost. The books hold totals at cost, and the trail what
  was changed from what to what: those are `view_books` and `view_audit`.
* `export`: lists as files (products, stock, sales, the journal, the audit trail), beside the right to see them. What
  only owners take out (everything of the business, somebody's personal data) has rights of its own.

## Who may give what

* Nobody gives or takes a role that may do more than they may themselves, in that store or in all (`rights.beyond`).
  Owners may give everything, and make owners, unless they come by a token that was narrowed: what it holds is all that
  it gives.
* Nobody changes their own role, place or grants (403, code `own_rights`); somebody else does who may.
* What somebody holds until a time only is given on until that time at the latest, as a grant, never as a role, a place,
  an invitation, a change of a role, or a longer token (403, code `held_for_a_time`). This is decided under locks with
  the rights of that moment, not with those that the request came with (`identity/lasting.py`).
* Grants stay when the rights of whoever gave them fall later: the page of the person shows who gave them.
* Giving and taking roles, places, grants and invitations, letting somebody go and removing a second step ask for
  somebody who proved a moment ago that it is them (pages lead to `/confirm` and back; API: `confirmation_needed`).
* Owners are made and unmade by owners, everywhere and for good: nobody is an owner for a while or for one store.
* Owners may give everything, also what they have taken from themselves; they can't take from themselves what is
  marked "kept", and the last owner stays.
* A script's token has a role, custom ones too: `countertop token create --role shift-lead`.

## The table

"kept": owners can't lose it. "confirm": asks for somebody who proved a moment ago that it is them. "business": concerns
the whole business, never one store. "asks": its operations ask for the approval. Amounts are in a currency with two
decimals.
"""


def page() -> str:
    """Give the page's text."""
    parts = [_INTRO]
    for group, label in GROUPS.items():
        parts.append(f"### {label}\n")
        parts.append("| Permission | Lets somebody | Owner | Manager | Clerk | Viewer | Notes |")
        parts.append("|---|---|---|---|---|---|---|")
        parts += [_line(one) for one in PERMISSIONS if one.group == group]
        parts.append("")
    return "\n".join(parts)


def _line(one: Permission) -> str:
    held = " | ".join(_held(one, TEMPLATES[role].get(one.name)) for role in _ROLES)
    marks = {
        "kept": one.name in OWNERS_KEEP,
        "confirm": one.sensitive,
        "business": not one.per_store,
        "asks": one.name in ASKS,
    }
    return f"| `{one.name}` | {one.label} | {held} | {', '.join(mark for mark, holds in marks.items() if holds)} |"


def _held(one: Permission, right: Right | None) -> str:
    if right is None:
        return "no"
    if right.state == "approval":
        return "approval"
    if right.limit is None:
        return "yes"
    return f"to {right.limit / 100:g} %" if one.limit == "percent" else f"to {right.limit / 100:.2f}"


def main() -> None:
    """Write it."""
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
