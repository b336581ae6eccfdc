"""Data in and out by file: products, stock counts, past sales; every refused row is reported with its line."""
