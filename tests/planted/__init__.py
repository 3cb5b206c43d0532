"""Faults planted in the code, one rule of what counts after the other; `make planted` runs them.

Each file of faults has the name of a part of `docs/explanation/what-counts.md`. A fault says which
rule it breaks (how its row begins), in which file, which text (there once) becomes which, and which
of the row's tests fail then; all of them, where it names none.
"""
