"""What a browser reads to install the app: one app per business, which stays within that business's addresses."""

from __future__ import annotations

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from retail.identity.permissions import COUNT_STOCK, EDIT_CATALOGUE, VIEW_STOCK
from retail.kit.text import _
from retail.runtime.web.assets import Assets
from retail.runtime.web.context import edge, scope, tenant
from retail.runtime.web.responses import json_answer

AT: Final = "/pocket"
"""Where the app begins, and the scope of its worker: /pocket and what stands below it, no page of a till."""
_SHORT: Final = 12
_SIDES: Final = (192, 512)
_LIGHT: Final = "#ffffff"
_DARK: Final = "#14161b"
_SHOTS: Final = (("wide", "1280x800"), ("narrow", "390x844"))


async def show(request: Request) -> Response:
    """Give the manifest. It names the business, so it is asked for with the session and told to its people alone."""
    here, facts = edge(request), tenant(request)
    base, asset = here.base, here.process.assets.address
    language = here.language or facts.locale
    told: dict[str, Any] = {
        "id": base + AT,
        "name": facts.name,
        "short_name": facts.name if len(facts.name) <= _SHORT else facts.name[: _SHORT - 1].rstrip() + "…",
        "description": _("The shop at a glance: today's figures, stock, orders and messages."),
        "lang": language.replace("_", "-"),
        "dir": "rtl" if language[:2] in {"ar", "fa", "he", "ur"} else "ltr",
        "start_url": base + AT,
        "scope": base + "/",
        "display": "standalone",
        "theme_color": _LIGHT,
        "background_color": _LIGHT,
        "user_preferences": {"color_scheme": {"dark": {"theme_color": _DARK, "background_color": _DARK}}},
        "categories": ["business", "shopping"],
        "icons": _icons(here.process.assets),
        "shortcuts": _shortcuts(request, base, asset(f"icons/app-{_SIDES[0]}.png")),
        "screenshots": [
            {
                "src": asset(f"icons/app-{form}.webp"),
                "sizes": sizes,
                "type": "image/webp",
                "form_factor": form,
                "label": _("Today: revenue, sales and what needs you"),
            }
            for form, sizes in _SHOTS
        ],
    }
    if scope(request).may(EDIT_CATALOGUE):
        told["share_target"] = {
            "action": f"{base}{AT}/photo",
            "method": "POST",
            "enctype": "multipart/form-data",
            "params": {"files": [{"name": "photo", "accept": ["image/*"]}]},
        }
    return json_answer(told, media_type="application/manifest+json", headers={"Cache-Control": "no-store"})


def _icons(assets: Assets) -> list[dict[str, str]]:
    return [
        {
            "src": assets.address(f"icons/app{mark}-{side}.png"),
            "sizes": f"{side}x{side}",
            "type": "image/png",
            "purpose": purpose,
        }
        for mark, purpose in (("", "any"), ("-maskable", "maskable"))
        for side in _SIDES
    ]


def _shortcuts(request: Request, base: str, picture: str) -> list[dict[str, Any]]:
    """List what a long press on the app's mark offers: only what this person may open."""
    may = scope(request).may
    icons = [{"src": picture, "sizes": "192x192", "type": "image/png"}]
    wanted = [
        (_("Today"), AT, True),
        (_("Stock"), f"{AT}/stock", may(VIEW_STOCK)),
        (_("Messages"), f"{AT}/messages", True),
        (_("Count"), f"{AT}/counts", may(VIEW_STOCK) and may(COUNT_STOCK)),
    ]
    return [{"name": name, "url": base + to, "icons": icons} for name, to, allowed in wanted if allowed]
