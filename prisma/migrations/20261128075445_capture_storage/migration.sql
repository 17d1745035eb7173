-- Rows of 0.1 are not rewritten: their bytes are counted as 0, and null says that their raw fields are there.
-- AlterTable
ALTER TABLE "submission" ADD COLUMN     "raw_bytes" INTEGER,
ADD COLUMN     "stored_bytes" INTEGER NOT NULL DEFAULT 0;

-- CreateTable
CREATE TABLE "capture_storage" (
    "workspace_id" TEXT NOT NULL,
    "slot" INTEGER NOT NULL,
    "bytes" BIGINT NOT NULL,

    CONSTRAINT "capture_storage_pkey" PRIMARY KEY ("workspace_id","slot")
);

-- CreateIndex
CREATE INDEX "submission_raw_fields_idx" ON "submission"("received_at") WHERE (raw_bytes IS DISTINCT FROM 0);
