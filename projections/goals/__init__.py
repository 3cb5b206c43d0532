"""Goals and KPIs as of a moment: loaded and scored."""
