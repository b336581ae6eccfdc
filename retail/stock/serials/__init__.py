"""Serial numbers: where each single piece is, and where it has been."""
