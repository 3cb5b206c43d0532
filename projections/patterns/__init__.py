"""Corrections and patterns of a cycle that an auditor should look at."""
