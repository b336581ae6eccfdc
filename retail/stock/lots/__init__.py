"""Lots: which delivery the goods on the shelf are of, until when they keep, and which leaves first (FEFO)."""
