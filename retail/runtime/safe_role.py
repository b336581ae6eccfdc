"""The application's role, looked at when it connects: one that could get round the walls never serves a request."""

from __future__ import annotations

from typing import Final

from retail.runtime.given import NotUsable
from retail.runtime.tx import Unit

# membership counts as well: SET ROLE, or inheriting, is all it takes
_COULD_BECOME: Final = """
SELECT session_user AS login, r.rolname AS role FROM pg_roles r
 WHERE (pg_has_role(session_user, r.oid, 'MEMBER') OR pg_has_role(current_user, r.oid, 'MEMBER'))
   AND (r.rolsuper OR r.rolbypassrls
        OR EXISTS (SELECT FROM pg_class WHERE relowner = r.oid AND relkind IN ('r', 'p')))
 ORDER BY r.rolname <> session_user LIMIT 1
"""


class UnsafeRole(RuntimeError):
    """The application's database role could get round the tenant walls; it must not start like that."""

    def __init__(self, login: str, role: str) -> None:
        how = "" if login == role else f" can become {role!r}, which"
        super().__init__(
            f"The database role {login!r}{how} is a superuser, bypasses row-level security or owns tables, so it could "
            "get round the walls between businesses. Name the role countertop_app (see docs/operator/running.md)."
        )


async def refuse_unsafe_role(unit: Unit) -> None:
    """Raise UnsafeRole for a role that could get round the walls, NotUsable for one that may not use the tables."""
    strong = await unit.fetchrow(_COULD_BECOME)
    sees = await unit.fetchval("SELECT has_schema_privilege('public', 'USAGE')")
    if strong is not None:
        raise UnsafeRole(strong["login"], strong["role"])
    if not sees:
        raise NotUsable("DATABASE_URL: its role may not use the tables; name the role countertop_app.")
