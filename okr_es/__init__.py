"""okr_es: the domain and the write side of okr-es. It knows neither projections nor web."""
