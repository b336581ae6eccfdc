"""What can be wrong with a product."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from retail.kit.errors import Conflict
from retail.kit.text import _, ngettext


class MadeBefore(Conflict):
    """The form of a new product has made one already, which isn't what the form says now."""

    code = "made_before"

    def sentence(self) -> str:
        """Say that it is there, and what saving does now."""
        return _(
            "This form has made the product already: it is shown here with what you typed. Save to change it so, or"
            " begin a new one under Products."
        )


class SkuTaken(Conflict):
    """Another product has this SKU, maybe in other upper and lower case: that makes no other SKU."""

    code = "sku_taken"

    def __init__(self, sku: str = "", there: str = "", product: str = "", product_id: UUID | None = None) -> None:
        super().__init__(sku, there, product)
        self.sku = sku
        self.there = there
        self.product = product
        self.product_id = product_id

    def sentence(self) -> str:
        """Name the SKU as it is there and its product, and say to choose another."""
        if not self.there:
            return _("Another product has this SKU. Choose another one, or edit that product.")
        said = _("There is SKU %(sku)s already; it belongs to “%(product)s”. Choose another one, or edit that product.")
        if self.there != self.sku:
            said = _(
                "There is SKU %(sku)s already; it belongs to “%(product)s”, and upper and lower case make no other SKU."
                " Choose another one, or edit that product."
            )
        return said % {"sku": self.there, "product": self.product}

    def facts(self) -> Mapping[str, object]:
        """Give the SKU as it is there, and whose it is."""
        return {"sku": self.there or self.sku, "product": self.product_id}


class BarcodeTaken(Conflict):
    """Another product has this barcode."""

    code = "barcode_taken"

    def __init__(self, barcode: str = "", product: str = "", product_id: UUID | None = None) -> None:
        super().__init__(barcode, product)
        self.barcode = barcode
        self.product = product
        self.product_id = product_id

    def sentence(self) -> str:
        """Name the code and the product."""
        said = _("Barcode %(code)s belongs to “%(product)s” already. Remove it there first.")
        return said % {"code": self.barcode, "product": self.product}

    def facts(self) -> Mapping[str, object]:
        """Give the code, and whose it is."""
        return {"barcode": self.barcode, "product": self.product_id}


class CategoryTaken(Conflict):
    """Another category in the same place has this name."""

    code = "category_taken"

    def sentence(self) -> str:
        """Say to choose another."""
        return _("Another category has this name in the same place. Choose another one.")


class CategoryHolds(Conflict):
    """Other categories lie in the category, so it can't be removed."""

    code = "category_holds_others"

    def __init__(self, categories: int = 0) -> None:
        super().__init__(categories)
        self.categories = categories

    def sentence(self) -> str:
        """Say what to move first."""
        return ngettext(
            "%(count)d other category lies in this one. Move it out of it first, or remove it.",
            "%(count)d other categories lie in this one. Move them out of it first, or remove them.",
            self.categories,
        ) % {"count": self.categories}

    def facts(self) -> Mapping[str, object]:
        """Give how many."""
        return {"categories": self.categories}


class CategoryInUse(Conflict):
    """Products are in the category, so it can't be removed."""

    code = "category_in_use"

    def __init__(self, products: int = 0) -> None:
        super().__init__(products)
        self.products = products

    def sentence(self) -> str:
        """Say what to move first."""
        return ngettext(
            "%(count)d product is in this category, on sale or off. Give it another one first.",
            "%(count)d products are in this category, on sale or off. Give them another one first.",
            self.products,
        ) % {"count": self.products}

    def facts(self) -> Mapping[str, object]:
        """Give how many."""
        return {"products": self.products}


class GroupTaken(Conflict):
    """Another group of choices has this name."""

    code = "modifier_group_taken"

    def sentence(self) -> str:
        """Say to choose another."""
        return _("Another group of choices has this name. Choose another one.")


class GroupInUse(Conflict):
    """Products come with this choice, so it can't be removed."""

    code = "modifier_group_in_use"

    def __init__(self, products: int = 0) -> None:
        super().__init__(products)
        self.products = products

    def sentence(self) -> str:
        """Say what to change first."""
        return ngettext(
            "%(count)d product comes with this choice, on sale or off. Take it off there first.",
            "%(count)d products come with this choice, on sale or off. Take it off there first.",
            self.products,
        ) % {"count": self.products}

    def facts(self) -> Mapping[str, object]:
        """Give how many."""
        return {"products": self.products}


class FamilyTaken(Conflict):
    """Another family has this name."""

    code = "family_taken"

    def sentence(self) -> str:
        """Say to choose another."""
        return _("Another family has this name. Choose another one, or add variants to that one.")


class VariantTaken(Conflict):
    """The family has a variant with the same value of each option."""

    code = "variant_taken"

    def sentence(self) -> str:
        """Say to choose another."""
        return _("The family has a variant with these values already. Choose others, or edit that one.")


class FamilyInUse(Conflict):
    """The family has variants, so it can't be removed."""

    code = "family_in_use"

    def __init__(self, variants: int = 0) -> None:
        super().__init__(variants)
        self.variants = variants

    def sentence(self) -> str:
        """Say what to do first."""
        return ngettext(
            "%(count)d product belongs to this family, on sale or off. Take it out first.",
            "%(count)d products belong to this family, on sale or off. Take them out first.",
            self.variants,
        ) % {"count": self.variants}

    def facts(self) -> Mapping[str, object]:
        """Give how many."""
        return {"variants": self.variants}


class TaxCodeTaken(Conflict):
    """Another tax class has this code."""

    code = "tax_code_taken"

    def sentence(self) -> str:
        """Say to choose another."""
        return _("Another tax class has this code. Choose another one.")


class ProductChanged(Conflict):
    """The product is no longer at the version that the change was made for."""

    code = "product_changed"

    def __init__(self, version: int = 0) -> None:
        super().__init__(version)
        self.version = version

    def sentence(self) -> str:
        """Say to look again."""
        return _("Somebody changed this product meanwhile. Look at it again, then send your change with its version.")

    def facts(self) -> Mapping[str, object]:
        """Give the version that it has now."""
        return {"version": self.version}
