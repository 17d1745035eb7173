-- CreateTable
CREATE TABLE "cursor_seal" (
    "key" TEXT NOT NULL,

    CONSTRAINT "cursor_seal_pkey" PRIMARY KEY ("key")
);

-- AlterTable
ALTER TABLE "workspace" ADD COLUMN     "unsealed_position" BIGINT NOT NULL DEFAULT 0;

-- 244 random bits.
INSERT INTO "cursor_seal" ("key") VALUES (replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''));

-- The positions that cursors of 0.1 may have shown a workspace: those of its own events, and the start of its log.
UPDATE "workspace"
SET "unsealed_position" = greatest(
    coalesce((SELECT max("position") FROM "event" WHERE "event"."workspace_id" = "workspace"."id"), 0),
    coalesce((SELECT "position" FROM "log_start" WHERE "log_start"."workspace_id" = "workspace"."id"), 0)
);
