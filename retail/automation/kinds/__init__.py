"""Kinds of rows that go in and out: products, their prices, stock, suppliers, and what suppliers ask for."""
