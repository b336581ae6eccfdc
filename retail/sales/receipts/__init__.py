"""Receipts: described once as blocks; on pages, in letters, behind public addresses: docs/algorithms/receipts.md."""
