"""projections: the read side of okr-es. All it stores can be built again from the log."""
