"""People, their roles, sessions and API tokens: who somebody is and what they may do for which tenant."""
