"""The report that a consultant sends: one file, computed anew from the warehouse each time."""
