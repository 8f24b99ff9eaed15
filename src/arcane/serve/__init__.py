"""Out: what the tables say, shown to people. Knows the views and the read side of the warehouse, never X."""
