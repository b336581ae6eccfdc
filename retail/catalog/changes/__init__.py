"""Changing many products at once: chosen by hand or by what they have in common, looked at first, and undone."""
