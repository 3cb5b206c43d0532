-- Destroys the oldest reads of the access log, up to a position at which a cut was recorded in the log, at
-- the root of a signed checkpoint, and a year or more after the last of them: nothing else. It runs with the
-- rights of who owns the tables, so that the application can do this and nothing else to them.
CREATE OR REPLACE FUNCTION cut_accesses(upto bigint) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = okr_access, pg_temp AS
$$ BEGIN
  PERFORM 1 FROM okr_log.access_checkpoints c, accesses a, okr_log.events e
  WHERE c.size = upto AND a.position = upto AND e.stream = '{retention}' AND e.type = '{cut}'
    AND convert_from(e.data, 'UTF8')::json->>'cut_at' = upto::text
    AND convert_from(e.data, 'UTF8')::json->>'root' = encode(c.root, 'hex')
    AND a.recorded_at::timestamp < e.recorded_at::timestamp - interval '1 year';
  IF NOT FOUND THEN
    RAISE EXCEPTION USING MESSAGE = 'no cut of the access log is recorded there that retention allows';
  END IF;
  ALTER TABLE access_about DISABLE TRIGGER access_about_refuse_change;
  ALTER TABLE accesses DISABLE TRIGGER accesses_refuse_change;
  DELETE FROM access_about WHERE position <= upto;
  DELETE FROM accesses WHERE position <= upto;
  ALTER TABLE access_about ENABLE TRIGGER access_about_refuse_change;
  ALTER TABLE accesses ENABLE TRIGGER accesses_refuse_change;
END $$
