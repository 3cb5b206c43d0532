CREATE TRIGGER {table}_was_emptied AFTER DELETE ON {table} BEGIN DELETE FROM progress; END
