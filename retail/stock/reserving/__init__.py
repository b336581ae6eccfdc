"""Reservations: goods kept for somebody until a moment, and what is available to everybody else."""
