CREATE TRIGGER IF NOT EXISTS {table}_refuse_update BEFORE UPDATE ON {table}
BEGIN SELECT RAISE(ABORT, 'rows of {table} are immutable'); END

CREATE TRIGGER IF NOT EXISTS {table}_refuse_delete BEFORE DELETE ON {table}
BEGIN SELECT RAISE(ABORT, 'rows of {table} are immutable'); END

-- INSERT OR REPLACE deletes without firing the trigger above: refuse what would be replaced, and
-- what does not follow the last row, whoever writes it.
CREATE TRIGGER IF NOT EXISTS {table}_refuse_insert BEFORE INSERT ON {table}
WHEN {misplaced} OR {replaces}
BEGIN SELECT CASE
  WHEN {replaces} THEN RAISE(ABORT, 'UNIQUE constraint failed: {table}')
  ELSE RAISE(ABORT, 'rows of {table} follow one another and are immutable') END; END
