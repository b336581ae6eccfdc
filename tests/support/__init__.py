"""What the tests stand on: a migrated database per worker, builders of valid worlds, a browser."""
