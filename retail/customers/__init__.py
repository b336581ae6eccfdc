"""Customers: who buys, found by phone, card or name; one person is one row, also after two rows became one."""

from __future__ import annotations
