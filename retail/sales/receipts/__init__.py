"""Receipts: described once as blocks, written on pages, in e-mails and behind public addresses: docs/algorithms/receipts.md."""
