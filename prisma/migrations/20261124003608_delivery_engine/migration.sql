-- AlterTable
ALTER TABLE "delivery" ADD COLUMN     "leads_with_previous" BOOLEAN;

-- AlterTable
ALTER TABLE "webhook_endpoint" ADD COLUMN     "accepts_previous" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "after_position" BIGINT NOT NULL DEFAULT 0,
ADD COLUMN     "failing_announced" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "failing_since" TIMESTAMPTZ(3),
ADD COLUMN     "failure_count" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "probe_at" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "replay" (
    "workspace_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "endpoint_id" TEXT NOT NULL,
    "from" TIMESTAMPTZ(3) NOT NULL,
    "to" TIMESTAMPTZ(3) NOT NULL,
    "status" "delivery_status"[],
    "include_never_sent" BOOLEAN NOT NULL,
    "position" BIGINT NOT NULL DEFAULT 0,
    "last_position" BIGINT NOT NULL,
    "matched" INTEGER NOT NULL,
    "enqueued" INTEGER NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "completed_at" TIMESTAMPTZ(3),

    CONSTRAINT "replay_pkey" PRIMARY KEY ("workspace_id","id")
);

-- CreateIndex
CREATE INDEX "replay_running_idx" ON "replay"("created_at") WHERE (completed_at IS NULL);

-- CreateIndex
CREATE INDEX "delivery_unsent_idx" ON "delivery"("workspace_id", "endpoint_id", "event_position") WHERE (status = ANY (ARRAY['FAILED'::delivery_status, 'HELD'::delivery_status]));

-- CreateIndex
CREATE INDEX "event_workspace_id_created_at_idx" ON "event"("workspace_id", "created_at");

-- CreateIndex
CREATE INDEX "submission_spam_idx" ON "submission"("received_at") WHERE (status = 'SPAM'::submission_status);
