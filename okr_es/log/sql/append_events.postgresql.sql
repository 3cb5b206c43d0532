-- Appends the events of one command, and what goes with them, in one round trip; see writers.py.
-- One parameter of JSON instead of two dozen arrays: the driver spends less on it than the server.
CREATE OR REPLACE FUNCTION append_events(p jsonb)
RETURNS TABLE (outcome text, first_position bigint, last_position bigint, at text, answer bytea)
LANGUAGE plpgsql AS $$
DECLARE
  c record; earlier record; moment text; n int := jsonb_array_length(p->'events');
  command uuid := (p->>'command_id')::uuid; fingerprinted bytea := decode(p->>'fingerprint', 'hex');
  seed boolean := (p->>'seed')::boolean; after_position bigint := (p->>'after')::bigint;
  seen bigint := (p->>'seen')::bigint;
BEGIN
  SELECT * INTO c FROM counter WHERE id = 1 FOR UPDATE;
  SELECT * INTO earlier FROM commands k WHERE k.command_id = command;
  IF FOUND THEN
    RETURN QUERY SELECT
      CASE WHEN earlier.fingerprint = fingerprinted THEN 'repeated' ELSE 'taken' END,
      earlier.first_position, earlier.last_position, earlier.recorded_at, earlier.receipt;
    RETURN;
  END IF;
  -- The positions are listed, so that the planner goes by the key and never reads the whole log.
  IF c.position > after_position AND (c.position - after_position > {oldest_read_set} OR EXISTS (
    SELECT 1 FROM events e
    WHERE e.position = ANY(ARRAY(SELECT generate_series(after_position + 1, c.position)))
      AND (e.stream = ANY(ARRAY(SELECT jsonb_array_elements_text(p->'guard_streams')::uuid))
        OR e.type = ANY(ARRAY(SELECT jsonb_array_elements_text(p->'guard_types')))))) THEN
    RETURN QUERY SELECT 'stale', 0::bigint, 0::bigint, '', ''::bytea; RETURN;
  END IF;
  IF seen > 0 AND (SELECT e.hash FROM events e WHERE e.position = seen)
      IS DISTINCT FROM decode(p->>'seen_hash', 'hex') THEN
    RETURN QUERY SELECT 'stale', 0::bigint, 0::bigint, '', ''::bytea; RETURN;
  END IF;
  IF seed AND NOT c.seeding THEN
    RETURN QUERY SELECT 'not_empty', 0::bigint, 0::bigint, '', ''::bytea; RETURN;
  END IF;
  IF seed AND (p->>'now') COLLATE "C" < c.recorded_at THEN
    RETURN QUERY SELECT 'backwards', 0::bigint, 0::bigint, c.recorded_at, ''::bytea; RETURN;
  END IF;
  moment := greatest((p->>'now') COLLATE "C", c.recorded_at);
  INSERT INTO events SELECT
    c.position + e.n, moment, e.stream, e.version, e.type, e.schema_version,
    convert_to(e.data, 'UTF8'), decode(e.encrypted, 'hex'),
    (p->>'by')::uuid, (p->>'on_behalf_of')::uuid, p->>'origin', command,
    (p->>'correlation_id')::uuid, (p->>'causation_id')::uuid, p->>'written_at',
    sha256('\x00'::bytea || convert_to(e.head || '"position":' || c.position + e.n
      || ',"recorded_at":"' || moment || '"' || e.tail, 'UTF8'))
  FROM ROWS FROM (jsonb_to_recordset(p->'events') AS (stream uuid, version int, type text,
    schema_version int, data text, encrypted text, head text, tail text))
    WITH ORDINALITY AS e(stream, version, type, schema_version, data, encrypted, head, tail, n);
  INSERT INTO streams
  SELECT s.stream, s.type, s.version, s.parent, s.living, convert_to(s.state, 'UTF8')
  FROM jsonb_to_recordset(p->'states')
    AS s(stream uuid, type text, version int, parent uuid, living boolean, state text)
  ON CONFLICT (stream) DO UPDATE SET version = excluded.version, parent = excluded.parent,
    living = excluded.living, state = excluded.state;
  IF p->'names' <> '[]' THEN
    INSERT INTO names SELECT taken.kind, taken.name, taken.stream
    FROM jsonb_to_recordset(p->'names') AS taken(kind text, name text, stream uuid);
  END IF;
  IF command IS NOT NULL THEN
    INSERT INTO commands VALUES (command, fingerprinted,
      CASE WHEN n > 0 THEN c.position + 1 END, CASE WHEN n > 0 THEN c.position + n END,
      moment, convert_to(p->>'receipt', 'UTF8'));
  END IF;
  IF n > 0 THEN
    UPDATE counter SET position = c.position + n, recorded_at = moment,
      seeding = c.seeding AND seed WHERE id = 1;
  END IF;
  RETURN QUERY SELECT 'appended', c.position + 1, c.position + n, moment,
    (SELECT e.hash FROM events e WHERE n > 0 AND e.position = c.position + n);
END $$
