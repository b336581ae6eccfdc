"""A believable business to try the product with: three stores, their people, goods and thirteen months of trade."""
