-- Trusted: a role that may create in the database may create it.
CREATE EXTENSION IF NOT EXISTS unaccent;

-- Returns the form in which names are compared: NFKC, without invisible characters, accents and case. The functions name
-- the schema of unaccent, so that a restored dump, which has an empty search_path, can build the index. ASCII takes the
-- short way. A final sigma is a sigma.
DO $do$ BEGIN EXECUTE format($sql$
CREATE FUNCTION contact_fold(of_text TEXT) RETURNS TEXT
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 10
AS $$BEGIN RETURN CASE WHEN octet_length(of_text) = length(of_text) THEN lower(of_text) ELSE
    translate(lower(%1$I.unaccent('%1$I.unaccent'::regdictionary, normalize(translate(of_text,
    U&'\00AD\061C\115F\180E\200B\200C\200D\200E\200F\202A\202B\202C\202D\202E\2060\2061\2062\2063\2064\2066\2067\2068\2069\206A\206B\206C\206D\206E\206F\2800\3164\FEFF',
    ''), NFKC))), U&'\03C2', U&'\03C3') END; END$$
$sql$, (SELECT nspname FROM pg_extension JOIN pg_namespace ON pg_namespace.oid = extnamespace WHERE extname = 'unaccent')); END $do$;

-- Returns the folded text as a literal part of a LIKE pattern.
DO $do$ BEGIN EXECUTE format($sql$
CREATE FUNCTION contact_literal(of_text TEXT) RETURNS TEXT
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 10
AS $$BEGIN RETURN regexp_replace(%1$I.contact_fold(of_text), '([\\%%_])', '\\\1', 'g'); END$$
$sql$, current_schema()); END $do$;

-- Returns the query that finds the folded text among contact_pairs: all of its pairs, or those that its only character
-- begins. Quotes and backslashes are doubled in a tsquery.
DO $do$ BEGIN EXECUTE format($sql$
CREATE FUNCTION contact_pairs_query(of_text TEXT) RETURNS TSQUERY
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 10
AS $$BEGIN RETURN (SELECT string_agg(DISTINCT '''' || replace(replace(pair, '\', '\\'), '''', '''''') || '''' ||
    CASE WHEN length(pair) = 1 THEN ':*' ELSE '' END, ' & ')
    FROM (SELECT substr(folded, nth, 2) AS pair
          FROM %1$I.contact_fold(of_text) AS folded, generate_series(1, greatest(length(folded) - 1, 1)) AS nth) AS found
    WHERE pair <> '')::tsquery; END$$
$sql$, current_schema()); END $do$;

DROP INDEX "contact_search_idx";

-- Over expressions, which Prisma neither writes nor sees, all folded: the e-mail and the names, the names alone, and the
-- pairs of characters of all, for what is too short to have a trigram.
CREATE INDEX "contact_search_idx" ON "contact" USING GIN (
    "workspace_id",
    (contact_fold(email || ' ' || btrim(coalesce(first_name, '') || ' ' || coalesce(last_name, '')))) gin_trgm_ops,
    (contact_fold(btrim(coalesce(first_name, '') || ' ' || coalesce(last_name, '')))) gin_trgm_ops,
    (contact_pairs(contact_fold(email || ' ' || btrim(coalesce(first_name, '') || ' ' || coalesce(last_name, ''))))),
    "stage",
    "source",
    "metadata" jsonb_path_ops
);
