"""What will be sold: revenue and units by store, category and product, judged on the business's own past."""
