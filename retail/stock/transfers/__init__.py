"""Transfers between stores: drafted, sent, on their way, received, and what was lost decided by somebody."""
