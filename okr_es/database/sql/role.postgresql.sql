DO $$ BEGIN
  IF to_regrole('{role}') IS NULL THEN
    BEGIN
      CREATE ROLE {role} NOLOGIN;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END;
    GRANT {role} TO CURRENT_USER;
  ELSIF NOT pg_has_role('{role}', 'MEMBER') THEN
    GRANT {role} TO CURRENT_USER;
  END IF;
END $$

DO $$ BEGIN
  IF NOT has_database_privilege('{role}', current_database(), 'CREATE') THEN
    EXECUTE format('GRANT CREATE ON DATABASE %I TO {role}', current_database());
  END IF;
END $$
