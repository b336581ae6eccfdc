"""A business from its first day to its last: sign-up, first steps, tills that end, export of everything, deletion."""
