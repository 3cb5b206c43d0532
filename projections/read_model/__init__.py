"""The tables of the read model and what keeps them up to date with the log."""
