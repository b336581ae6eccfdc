"""What a product is beyond its name and price: traits, kits, families of variants, choices, pictures, a plan's room."""
