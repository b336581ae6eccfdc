"""The columns of a file of products: the one table for reading, writing, mapping and the page that explains them."""

from __future__ import annotations

from typing import Final

from retail.automation import cells
from retail.automation.cells import COST, FLAG, MOMENT, MONEY, QUANTITY, choice, pairs, text, whole, words
from retail.automation.columns import Column, said
from retail.catalog.products.pictures import MOST_PICTURES
from retail.catalog.products.traits import (
    KINDS,
    MOST_ATTRIBUTES,
    MOST_TAGS,
    NOTES_LENGTH,
    TAG_LENGTH,
    TRACKING,
)
from retail.catalog.products.variants import MOST_OPTIONS
from retail.catalog.rules import UNITS

SKU: Final = Column(
    "sku", said("SKU"), text(60), said("The article's own number. A known one is changed, a new one made."),
    ("article number", "item number", "article no", "item code", "product code", "stock code", "item no",
     "artikelnummer", "reference", "ref"),
    needed=True,
)  # fmt: skip
BARCODE: Final = Column(
    "barcode", said("Barcode"), cells.CODES, said("A barcode that the product has."),
    ("ean", "gtin", "upc", "barcodes", "ean 13", "strichcode"), key=True,
)  # fmt: skip
PRICE: Final = Column(
    "price", said("Price"), MONEY, said("For one unit, such as 4.20."),
    ("sales price", "selling price", "retail price", "unit price", "list price", "preis", "verkaufspreis", "vk",
     "prix"),
    needed=True,
)  # fmt: skip
UNIT_COST: Final = Column(
    "unit_cost", said("Unit cost"), COST, said("What one unit costs you, such as 1.9125."),
    ("cost", "cost price", "purchase price", "buying price", "einkaufspreis", "ek"), cost=True,
)  # fmt: skip

PRODUCTS: Final[tuple[Column, ...]] = (
    SKU,
    Column(
        "name", said("Name"), text(160), said("As it stands on the receipt."),
        ("title", "product", "product name", "article", "item", "item name", "description", "bezeichnung", "artikel",
         "designation"),
        needed=True,
    ),
    PRICE,
    Column(
        "tax_class", said("Tax class"), text(20), said("The code of a tax, as the page Taxes shows it."),
        ("tax", "tax code", "vat", "vat code", "tax category", "mwst", "steuer", "tva"), needed=True,
    ),
    Column(
        "category", said("Group"), cells.PATH,
        said("The group it is in, from the top: Food > Dairy. Groups that are not there yet are made."),
        ("category", "product group", "department", "product type", "type", "warengruppe", "kategorie", "categorie"),
    ),
    Column(
        "barcodes", said("Barcodes"), cells.CODES, said("With | between several."),
        ("barcode", "ean", "gtin", "upc", "ean 13", "ean code", "strichcode", "code barres"),
    ),
    Column(
        "unit", said("Unit"), choice(*UNITS, empty="each"), said("each, kg, l, m, m2 or h; empty is each."),
        ("sold by", "unit of measure", "uom", "einheit", "unite"),
    ),
    UNIT_COST,
    Column(
        "reorder_point", said("Reorder point"), QUANTITY, said("Low stock is told at this quantity."),
        ("minimum stock", "min stock", "reorder level", "low stock", "meldebestand", "mindestbestand"),
    ),
    Column("favourite", said("Favourite"), FLAG, said("yes puts it on the tills' first page."), ("favorite",)),
    Column(
        "kind", said("Kind"), choice(*KINDS, empty="goods"), said("goods, service or kit; empty is goods."),
        ("product kind",),
    ),
    Column(
        "parts", said("Parts"), cells.PARTS, said("What is in a kit: 6 x COLA-033, with | between several."),
        ("components", "bill of materials", "bom"),
    ),
    Column(
        "family", said("Family"), text(120), said("The name of the family that it is a variant of."),
        ("parent", "handle", "style", "model"),
    ),
    Column(
        "options", said("Options"), pairs(MOST_OPTIONS), said("What tells the variant apart: Size=M|Colour=Blue."),
        ("variant", "variants", "option values"),
    ),
    Column("open_price", said("Open price"), FLAG, said("yes has the till ask for the price."), ()),
    Column(
        "min_age", said("Least age"), whole(1, 99), said("Of whoever may buy it, in years."),
        ("age", "minimum age", "age restriction", "min age"),
    ),
    Column("deposit", said("Deposit"), text(60), said("The SKU of the service that is sold along, as a bottle's."), ()),
    Column("tags", said("Tags"), words(MOST_TAGS, TAG_LENGTH), said("With | between several."), ("labels", "keywords")),
    Column(
        "attributes", said("Attributes"), pairs(MOST_ATTRIBUTES), said("Name=value, with | between several."),
        ("properties", "features"),
    ),
    Column(
        "notes", said("Notes"), text(NOTES_LENGTH, lines=True), said("For yourselves; customers never see them."),
        ("note", "comment", "comments", "remark", "remarks"),
    ),
    Column(
        "available_from", said("On sale from"), MOMENT, said("A day or a moment; empty is always."), ("start date",)
    ),
    Column(
        "available_until", said("On sale until"), MOMENT, said("A day or a moment; empty is for ever."), ("end date",)
    ),
    Column(
        "tracking", said("Followed by"), choice(*TRACKING, empty="none"), said("none, lot or serial; empty is none."),
        ("track", "batch tracking"),
    ),
    Column(
        "content", said("Content"), cells.CONTENT, said("How much is in one, for the price per kg or l: 0.5 l."),
        ("net content", "size", "volume", "weight", "inhalt"),
    ),
    Column(
        "images", said("Pictures"), words(MOST_PICTURES, 300),
        said("Names of picture files, with | between several; they come with the table in one ZIP. Pictures are added,"
             " never taken away."),
        ("image", "pictures", "picture", "photos", "photo", "image files", "bilder", "bild"),
    ),
    Column(
        "choices", said("Choices at the till"), words(20, 60), said("Names of choices, with | between several."),
        ("modifiers", "modifier groups"),
    ),
)  # fmt: skip
PRICES: Final[tuple[Column, ...]] = (SKU, BARCODE, PRICE, UNIT_COST)
