-- Rewrites the tables without the bytes of rows that were deleted; see shredding.py. It runs with the
-- rights of who owns the tables, so that the application can do this and nothing else to them.
CREATE OR REPLACE FUNCTION rewrite_people() RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = okr_directory, pg_temp AS
$$ BEGIN
  ALTER TABLE people ALTER key TYPE bytea USING key || ''::bytea;
  ALTER TABLE identities ALTER identity_hash TYPE bytea USING identity_hash || ''::bytea;
END $$

CREATE OR REPLACE FUNCTION rewrite_personal_keys() RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = okr_directory, pg_temp AS
$$ BEGIN ALTER TABLE personal_keys ALTER key TYPE bytea USING key || ''::bytea; END $$

CREATE OR REPLACE FUNCTION rewrite_record_keys() RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = okr_directory, pg_temp AS
$$ BEGIN ALTER TABLE record_keys ALTER key TYPE bytea USING key || ''::bytea; END $$

CREATE OR REPLACE FUNCTION rewrite_signing_keys() RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = okr_directory, pg_temp AS
$$ BEGIN ALTER TABLE signing_keys ALTER private_key TYPE bytea USING private_key || ''::bytea; END $$

CREATE OR REPLACE FUNCTION replace_stored_key(of_table text, name text, before bytea, after bytea)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = okr_directory, pg_temp AS
$$ BEGIN
  CASE of_table
  WHEN 'people' THEN UPDATE people SET key = after WHERE id = name::uuid AND key = before;
  WHEN 'personal_keys' THEN UPDATE personal_keys SET key = after WHERE event_id = name AND key = before;
  WHEN 'record_keys' THEN UPDATE record_keys SET key = after WHERE place = name AND key = before;
  WHEN 'signing_keys' THEN
    UPDATE signing_keys SET private_key = after WHERE public_key = name AND private_key = before;
  END CASE;
END $$
