"""Labels for shelves and goods: composed once, printed on sheets and rolls, and due again when a price changes."""
