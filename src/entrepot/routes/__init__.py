"""Routes of one pair of places: search, legs, days, prices, choice."""
