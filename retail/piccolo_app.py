"""The one Piccolo app: every feature's tables, one linear history of migrations."""

from __future__ import annotations

from pathlib import Path

from piccolo.conf.apps import AppConfig

from retail.cash.tables import CashMoveRow, DrawerEvent, ShiftRow, ZReportRow
from retail.catalog.tables import Barcode, Category, Product, TaxClass
from retail.ledger.tables import Account, JournalEntry, JournalLine
from retail.stock.tables import StockBalance, StockDelta, StockMove
from retail.tenants.tables import Store, Tenant, Till

APP_CONFIG = AppConfig(
    app_name="retail",
    migrations_folder_path=Path(__file__).resolve().parent.parent / "migrations",
    table_classes=[
        Account,
        Barcode,
        CashMoveRow,
        Category,
        DrawerEvent,
        JournalEntry,
        JournalLine,
        Product,
        ShiftRow,
        StockBalance,
        StockDelta,
        StockMove,
        Store,
        TaxClass,
        Tenant,
        Till,
        ZReportRow,
    ],
)
