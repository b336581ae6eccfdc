"""Codes of articles: SKUs and own barcodes that are never given twice, what a scan means, and labels that scan."""
