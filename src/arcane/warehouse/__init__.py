"""The sink: knows tables, not X."""
