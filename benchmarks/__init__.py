"""Repeatable measurements: each module is a command that prints a table beside the limit of the same run."""
