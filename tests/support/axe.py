"""Accessibility, judged by axe-core inside the page, in light and in dark."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from playwright.async_api import Page

_SOURCE = Path(__file__).parent / "vendor" / "axe-core@4.14.1" / "axe.min.js"
_RUN = """async () => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"] });
  const why = (node) => [...node.any, ...node.all, ...node.none].map((check) => check.message).join("; ");
  return violations.flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.target.join(" ")} ${why(node)}`));
}"""


@cache
def _source() -> str:
    return _SOURCE.read_text(encoding="utf-8")


async def violations(page: Page) -> list[str]:
    """Give what axe finds wrong on a page, each with its colour scheme."""
    found: list[str] = []
    await page.evaluate(_source())
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found += [f"{page.url} {scheme} {one}" for one in await page.evaluate(_RUN)]
    await page.emulate_media(color_scheme="light", reduced_motion="reduce")
    return found
