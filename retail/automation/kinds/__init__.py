"""Kinds of rows that go in and out: products, their prices, stock, suppliers, what they ask for, and customers."""
