-- CreateTable
CREATE TABLE "cursor_seal" (
    "key" TEXT NOT NULL,
    "unsealed_end" BIGINT NOT NULL,

    CONSTRAINT "cursor_seal_pkey" PRIMARY KEY ("key")
);

-- 244 random bits. Cursors from before this version carry positions in the clear and are taken up to the present end.
INSERT INTO "cursor_seal" ("key", "unsealed_end")
SELECT replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), coalesce(max("position"), 0) FROM "event";
