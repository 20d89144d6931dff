"""Choice among the routes of a pair, for all classes of cargo."""
