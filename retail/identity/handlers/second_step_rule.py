"""The rule of a business for its owners and managers: whether signing in needs a second step."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from retail.identity.doorkeeper import MEMORY
from retail.identity.policy import MOST_GRACE_DAYS, SignInPolicy, set_sign_in_policy, sign_in_policy
from retail.kit.errors import Invalid
from retail.kit.text import _
from retail.runtime.web.context import db, scope, tenant
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import redirect, render

_PAGE = "identity/security/second_step.html"


async def show(request: Request) -> Response:
    """Show the rule."""
    async with db(request).read(scope(request)) as read:
        policy = await sign_in_policy(read)
    return render(request, _PAGE, policy=policy, most=MOST_GRACE_DAYS, errors={})


async def save(request: Request) -> Response:
    """Set the rule."""
    fields = await Fields.read(request)
    required = fields.flag("required")
    days = fields.whole("grace_days", least=0, most=MOST_GRACE_DAYS)
    wanted = SignInPolicy("required" if required else "off", days)
    try:
        fields.check()
    except Invalid as invalid:
        return render(request, _PAGE, 422, policy=wanted, most=MOST_GRACE_DAYS, errors=invalid.errors)
    await db(request).run(scope(request), set_sign_in_policy, wanted)
    MEMORY.forget(tenant=tenant(request).id)
    return redirect(request, "/security/second-step", said=_("The rule was saved. It holds from now on."))
