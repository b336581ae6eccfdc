"""What the fake till server knows of receipts: the shop's template, its logo, e-mails that the till asks for."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any, Final, Protocol

from PIL import Image
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from tests.support.fake_till_http import problem

ROOT: Final = Path(__file__).resolve().parents[2]
RECEIPT: Final[dict[str, Any]] = {
    "paper": "80",
    "logo": None,
    "template": {
        "logo": True, "address": True, "tax_number": True, "cashier": True, "customer": True, "saved": True,
        "barcode": True, "qr": True, "heading": "Bread since 1931", "footer": "Thank you!",
    },
}  # fmt: skip


class HasPaper(Protocol):
    """Says what came and what is known."""

    mails: list[dict[str, Any]]
    sales: list[dict[str, Any]]


def paper_routes(fake: HasPaper, api: str) -> list[BaseRoute]:
    """Give the addresses that receipts need."""

    async def mail(request: Request) -> Response:
        if request.path_params["sale"] not in {one["id"] for one in fake.sales}:
            return problem(404, {"code": "not_found", "detail": "There is no such sale."})
        fake.mails.append({**await request.json(), "sale": request.path_params["sale"]})
        return JSONResponse({"queued": True}, 201)

    async def logo(_request: Request) -> Response:
        return JSONResponse({"name": "checks", "picture": base64.b64encode(checks()).decode()})

    async def display(_request: Request) -> Response:
        return FileResponse(ROOT / "kiosk/till/display.html")

    return [
        Route(f"{api}/sales/{{sale}}/mails", mail, methods=["POST"]),
        Route(f"{api}/tills/{{till}}/logo", logo),
        Route("/t/{slug}/tills/{till}/display", display),
    ]


def checks() -> bytes:
    """Draw a logo: black with a white square in it."""
    picture = Image.new("RGB", (256, 256), "black")
    picture.paste("white", (64, 64, 192, 192))
    file = io.BytesIO()
    picture.save(file, "WEBP", lossless=True)
    return file.getvalue()
