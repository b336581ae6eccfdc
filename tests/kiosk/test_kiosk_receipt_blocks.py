"""The till describes receipts as the server does, case by case."""

from __future__ import annotations

import json

from playwright.async_api import Page

from tests.vectors.make_receipt_vectors import CASES, FILE

RUN = """async (cases) => {
  const { blocksOf, BLOCKS_VERSION } = await import("/kiosk/till/receipt_blocks.js");
  return [BLOCKS_VERSION, cases.map(({ facts, template, copy, gift }) => blocksOf(facts, template, { copy, gift }))];
}"""


async def test_every_receipt_has_the_blocks_of_the_vectors(bare: Page) -> None:
    file = json.loads(FILE.read_text(encoding="utf-8"))
    version, made = await bare.evaluate(RUN, file["cases"])
    assert version == file["version"]
    assert len(made) == CASES
    for case, found in zip(file["cases"], made, strict=True):
        assert found == case["blocks"], case
