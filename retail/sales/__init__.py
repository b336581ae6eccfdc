"""Sales: a paid sale is stored exactly once, priced by docs/algorithms/pricing.md, and never refused."""
