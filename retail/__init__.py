"""Countertop: the real-time retail system for small and mid-sized shops and chains."""
