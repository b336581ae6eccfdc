"""Suppliers: who goods are bought from, and on which terms each product. Purchasing builds on this."""
