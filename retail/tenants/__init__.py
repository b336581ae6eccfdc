"""The paying business and its places: tenants, stores, tills. Every store and till belongs to exactly one tenant."""
