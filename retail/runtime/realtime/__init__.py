"""Live pages: what an operation committed reaches every screen that may see it, once, in order, without a gap.

The relay (retail/runtime/relay.py) gives each tenant's messages contiguous versions and stores them; the hub of each
web process hands them to its sockets, and reads what Redis lost from Postgres. docs/algorithms/live.md has the whole.
"""
