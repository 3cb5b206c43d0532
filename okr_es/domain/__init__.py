"""The domain: aggregates that decide, and the events that record what was decided."""
