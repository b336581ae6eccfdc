"""What to look at: sentences ranked by the money at stake, each with its evidence and what can be done."""
