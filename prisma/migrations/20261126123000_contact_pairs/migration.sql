-- The neighbouring characters of a text, two by two, and the last one alone: what a search of one or two characters asks
-- for. Every other pair is cut off by U+001F, from the first character and from the second. The planner is told that it
-- is dear, so that it asks the index rather than every row, and not that it may hand it to parallel workers, which for one
-- page cost more than they save.
CREATE FUNCTION "contact_pairs"("of_text" TEXT) RETURNS TSVECTOR
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL RESTRICTED COST 1000
AS $$BEGIN RETURN array_to_tsvector(array_remove(string_to_array(
    regexp_replace(of_text, '..', '\&' || chr(31), 'g') || chr(31) ||
    regexp_replace(substr(of_text, 2), '..', '\&' || chr(31), 'g'), chr(31)), '')); END$$;

DROP INDEX "contact_search_idx";

-- Over expressions, which Prisma neither writes nor sees, all in lower case: the e-mail and the names, the names alone, and
-- the pairs of characters of all, for what is too short to have a trigram.
CREATE INDEX "contact_search_idx" ON "contact" USING GIN (
    "workspace_id",
    (lower(email || ' ' || btrim(coalesce(first_name, '') || ' ' || coalesce(last_name, '')))) gin_trgm_ops,
    (lower(btrim(coalesce(first_name, '') || ' ' || coalesce(last_name, '')))) gin_trgm_ops,
    (contact_pairs(lower(email || ' ' || btrim(coalesce(first_name, '') || ' ' || coalesce(last_name, ''))))),
    "stage",
    "source",
    "metadata" jsonb_path_ops
);
