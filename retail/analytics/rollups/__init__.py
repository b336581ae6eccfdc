"""The rollups: sums of sales by time, place, person, tender and product, kept behind the relay and rebuilt at will."""
