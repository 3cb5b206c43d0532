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
