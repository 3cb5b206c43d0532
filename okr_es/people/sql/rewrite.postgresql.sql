-- Rewrites the table without the bytes of rows that were deleted; see shredding.py. It runs with the
-- rights of who owns the table, so that the application can do this and nothing else to it.
CREATE OR REPLACE FUNCTION rewrite_people() RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = okr_directory, pg_temp AS
$$ BEGIN ALTER TABLE people ALTER key TYPE bytea USING key || ''::bytea; END $$
