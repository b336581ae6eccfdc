"""The one Piccolo app: every feature's tables, one linear history of migrations."""

from __future__ import annotations

from pathlib import Path

from piccolo.conf.apps import AppConfig

from retail.analytics.tables import ProductDay, ProductPace, SalesHour
from retail.automation.exports.tables import ExportRun
from retail.automation.imports.tables import ImportHeading, ImportRow, ImportRun
from retail.cash.tables import (
    CashCount,
    CashMoveRow,
    DrawerEvent,
    ShiftRollup,
    ShiftRow,
    TillSeal,
    VarianceAcceptance,
    ZReportRow,
    ZSupplement,
    ZSupplementSale,
)
from retail.catalog.codes.tables import BarcodeLayout, CodeRule, LabelDue, LabelPrint, SkuSeries
from retail.catalog.lists.tables import BulkChange, BulkChangeRow, SavedView, SearchWord
from retail.catalog.prices.tables import (
    CurrencyRate,
    ListPrice,
    PriceBatch,
    PriceChange,
    PriceListRow,
    PriceListStore,
    StorePrice,
)
from retail.catalog.suppliers.tables import ProductSupplier, SupplierRow
from retail.catalog.tables import (
    Barcode,
    Category,
    Component,
    Family,
    Modifier,
    ModifierGroup,
    Product,
    ProductImage,
    ProductModifierGroup,
    TaxClass,
)
from retail.catalog.taxes.tables import FiscalMapping, FiscalPosition, TaxComponent, TaxExemption, TaxRate
from retail.comms.tables import (
    AnnouncementReceipt,
    ShiftNote,
    ShiftNoteReading,
    ThreadFile,
    ThreadMark,
    ThreadMessage,
    ThreadParty,
    ThreadRow,
)
from retail.customers.tables import CustomerRow
from retail.identity.tables import ApiToken, ApprovalRow, Membership, RoleGrant, RoleRight, RoleRow
from retail.ledger.tables import Account, JournalEntry, JournalLine
from retail.notifications.tables import (
    Delivery,
    NotificationChoice,
    NotificationHabit,
    NotificationRow,
    PushSubscription,
)
from retail.payments.tables import PaymentAttempt, PaymentStep
from retail.promotions.tables import (
    CouponCode,
    CouponSeries,
    CouponUse,
    OfferRow,
    OfferTrial,
    OfferVersion,
    SaleOffer,
)
from retail.recommending.tables import AlsoBought, AlsoBoughtState, NeverTogether
from retail.risk.tables import RiskAct, RiskAlert, RiskEvidence, RiskVerdict
from retail.sales.keys.tables import TillLayout, TillLayoutPlace, TillLayoutVersion
from retail.sales.tables import (
    HeldSale,
    ReceiptCopy,
    ReceiptLink,
    ReturnHold,
    ReturnNote,
    SaleLine,
    SalePart,
    SaleRow,
    SaleTax,
    SyncException,
    Tender,
    TillClaim,
    TillJournal,
    Voided,
)
from retail.stock.allotting.tables import Scarce, TillAllotment
from retail.stock.lots.tables import Lot, LotBalance, LotMove, Traced
from retail.stock.places.tables import Location, PlaceMove, StockPlace
from retail.stock.reserving.tables import Reservation
from retail.stock.serials.tables import Serial, SerialEvent
from retail.stock.tables import StockBalance, StockDelta, StockMove, StockWorth
from retail.stock.transfers.tables import Transfer, TransferEvent, TransferLine
from retail.tenants.tables import SettingChange, SettingRow, Store, Tenant, Till
from retail.value.tables import ValueAccount, ValueMove

APP_CONFIG = AppConfig(
    app_name="retail",
    migrations_folder_path=Path(__file__).resolve().parent.parent / "migrations",
    table_classes=[
        AnnouncementReceipt,
        ShiftNote,
        ShiftNoteReading,
        ThreadFile,
        ThreadMark,
        ThreadMessage,
        ThreadParty,
        ThreadRow,
        Account,
        ApiToken,
        ApprovalRow,
        Barcode,
        BarcodeLayout,
        BulkChange,
        BulkChangeRow,
        CashCount,
        CashMoveRow,
        Category,
        CodeRule,
        Component,
        CouponCode,
        CouponSeries,
        CouponUse,
        CurrencyRate,
        CustomerRow,
        Delivery,
        DrawerEvent,
        ExportRun,
        Family,
        FiscalMapping,
        FiscalPosition,
        HeldSale,
        ImportHeading,
        ImportRow,
        ImportRun,
        JournalEntry,
        JournalLine,
        LabelDue,
        LabelPrint,
        ListPrice,
        Location,
        Lot,
        LotBalance,
        LotMove,
        Membership,
        Modifier,
        ModifierGroup,
        NotificationChoice,
        NotificationHabit,
        NotificationRow,
        OfferRow,
        OfferTrial,
        OfferVersion,
        PaymentAttempt,
        PaymentStep,
        PlaceMove,
        PriceBatch,
        PriceChange,
        PriceListRow,
        PriceListStore,
        Product,
        ProductDay,
        ProductImage,
        ProductModifierGroup,
        ProductPace,
        ProductSupplier,
        PushSubscription,
        ReceiptCopy,
        ReceiptLink,
        Reservation,
        Scarce,
        TillAllotment,
        AlsoBought,
        AlsoBoughtState,
        NeverTogether,
        RiskAct,
        RiskAlert,
        RiskEvidence,
        RiskVerdict,
        RoleGrant,
        RoleRight,
        RoleRow,
        ReturnHold,
        ReturnNote,
        SaleLine,
        SaleOffer,
        SalePart,
        SaleRow,
        SaleTax,
        SalesHour,
        SavedView,
        SearchWord,
        Serial,
        SerialEvent,
        SettingChange,
        SettingRow,
        ShiftRollup,
        ShiftRow,
        SkuSeries,
        StockBalance,
        StockDelta,
        StockMove,
        StockPlace,
        StockWorth,
        Store,
        StorePrice,
        SupplierRow,
        SyncException,
        TaxClass,
        TaxComponent,
        TaxExemption,
        TaxRate,
        Tenant,
        Tender,
        Till,
        TillClaim,
        TillJournal,
        TillLayout,
        TillLayoutPlace,
        TillLayoutVersion,
        TillSeal,
        Traced,
        Transfer,
        TransferEvent,
        TransferLine,
        ValueAccount,
        ValueMove,
        VarianceAcceptance,
        Voided,
        ZReportRow,
        ZSupplement,
        ZSupplementSale,
    ],
)
