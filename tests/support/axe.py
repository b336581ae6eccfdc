"""Accessibility, judged by axe-core inside the page, in light and in dark."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from playwright.async_api import Page

_SOURCE = Path(__file__).parent / "vendor" / "axe-core@4.14.1" / "axe.min.js"
_OF_COLOURS = ["color-contrast", "link-in-text-block"]
"""The rules that read colours. Nothing else of a page changes in the dark (tests/architecture/test_static_style.py),
so whatever else axe finds, it has found in the light already."""
_RUN = """async (only) => {
  const runOnly = only && { type: "rule", values: only };
  const { violations } = await axe.run(document, { resultTypes: ["violations"], ...runOnly && { runOnly } });
  const why = (node) => [...node.any, ...node.all, ...node.none].map((check) => check.message).join("; ");
  return violations.flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.target.join(" ")} ${why(node)}`));
}"""


@cache
def _source() -> str:
    return _SOURCE.read_text(encoding="utf-8")


async def bring_axe(page: Page) -> None:
    """Have axe in every page that this tab opens from now on: half a megabyte is sent to the browser once."""
    await page.add_init_script(_source())


async def violations(page: Page) -> list[str]:
    """Give what axe finds wrong on a page, each with its colour scheme."""
    found: list[str] = []
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(_source())
    for scheme, only in (("light", None), ("dark", _OF_COLOURS)):
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found += [f"{page.url} {scheme} {one}" for one in await page.evaluate(_RUN, only)]
    await page.emulate_media(color_scheme="light", reduced_motion="reduce")
    return found
