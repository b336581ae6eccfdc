"""The one Piccolo app: every feature's tables, one linear history of migrations."""

from __future__ import annotations

from pathlib import Path

from piccolo.conf.apps import AppConfig

from retail.catalog.tables import Barcode, Category, Product, TaxClass
from retail.tenants.tables import Store, Tenant, Till

APP_CONFIG = AppConfig(
    app_name="retail",
    migrations_folder_path=Path(__file__).resolve().parent.parent / "migrations",
    table_classes=[
        Barcode,
        Category,
        Product,
        Store,
        TaxClass,
        Tenant,
        Till,
    ],
)
