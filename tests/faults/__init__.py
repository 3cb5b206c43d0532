"""Faults on purpose: what is done to a log, and whether it is seen. `make faults` runs them all."""
