"""The parts of importing KPIs from CSV: the map, the rows, what is recorded, and the plan."""
