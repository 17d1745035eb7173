-- Both are trusted: whoever may create in the database may create them.
CREATE EXTENSION IF NOT EXISTS btree_gin;
CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- CreateIndex
CREATE INDEX "contact_workspace_id_updated_at_id_idx" ON "contact"("workspace_id", "updated_at", "id");

-- CreateIndex
CREATE INDEX "contact_workspace_id_last_seen_at_id_idx" ON "contact"("workspace_id", "last_seen_at", "id");

-- Over expressions, which Prisma neither writes nor sees: the e-mail and the names, the names alone, and the characters
-- of all, for what is too short to have a trigram.
CREATE INDEX "contact_search_idx" ON "contact" USING GIN (
    "workspace_id",
    (email || ' ' || btrim(coalesce(first_name, '') || ' ' || coalesce(last_name, ''))) gin_trgm_ops,
    (btrim(coalesce(first_name, '') || ' ' || coalesce(last_name, ''))) gin_trgm_ops,
    (string_to_array(lower(email || ' ' || btrim(coalesce(first_name, '') || ' ' || coalesce(last_name, ''))), null)),
    "stage",
    "source",
    "metadata" jsonb_path_ops
);
