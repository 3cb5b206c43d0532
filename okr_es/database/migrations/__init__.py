"""Migrations of the log, the directory and the access log, run by Alembic.

To change a table:

1. `python -m tests.support.old_databases` stores a database of the version that stands: commit it.
2. Change the table where it is defined, and write `AREA/NNNN_what.py`, in batch mode for SQLite.
3. Say `safe = True` in it if it only adds what may be NULL or has a default. Then a newer program
   runs it by itself as it opens the database; all others wait for `okr-es database upgrade`.
4. Raise the `version` of the area. Guards, functions, indexes of expressions and rights follow by
   themselves.

Rows of events are never changed by a migration: their hashes are signed.
"""
