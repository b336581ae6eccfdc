"""Products from a file, plain or gzipped; what each row must have is retail.catalog.imports' word."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Final

from retail.catalog.imports import MOST_BYTES, Report, import_products
from retail.imports.report import RefusedRows
from retail.kit.errors import Invalid
from retail.kit.text import _
from retail.runtime.db import Tx
from retail.tenants.queries import this_tenant

COLUMNS: Final = ("sku",)
_GZIP: Final = b"\x1f\x8b"


async def import_product_file(tx: Tx, path: Path, refused: RefusedRows) -> Report:
    """Put the file's products on sale, known SKUs are changed; all in this transaction. Raises Invalid."""
    facts = await this_tenant(tx)
    report = await import_products(tx, _content(path), facts.money)
    for one in report.refused:
        refused.add(one.line, [one.sku], one.reason)
    return report


def _content(path: Path) -> bytes:
    try:
        packed = path.read_bytes()
        content = packed if packed[:2] != _GZIP else gzip.decompress(packed)
    except OSError as broken:
        raise Invalid({"file": [_("The file %(name)s can't be read.") % {"name": path.name}]}) from broken
    if len(content) > MOST_BYTES:
        raise Invalid({"file": [_("The file is larger than 16 MB; split it.")]})
    return content
