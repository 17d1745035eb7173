-- CreateTable
CREATE TABLE "log_start" (
    "workspace_id" TEXT NOT NULL,
    "position" BIGINT NOT NULL,

    CONSTRAINT "log_start_pkey" PRIMARY KEY ("workspace_id")
);

-- What retention has taken before.
INSERT INTO "log_start" ("workspace_id", "position")
SELECT "id", coalesce(
    (SELECT min("position") - 1 FROM "event" WHERE "event"."workspace_id" = "workspace"."id"),
    (SELECT max("position") FROM "event"),
    0
)
FROM "workspace";
