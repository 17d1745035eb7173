-- DropIndex
DROP INDEX "delivery_unsent_idx";

-- AlterTable
ALTER TABLE "delivery" ADD COLUMN     "waits_in_lane" BOOLEAN NOT NULL DEFAULT false;

-- CreateTable
CREATE TABLE "endpoint_switch" (
    "workspace_id" TEXT NOT NULL,
    "endpoint_id" TEXT NOT NULL,
    "stepped_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "endpoint_switch_pkey" PRIMARY KEY ("workspace_id","endpoint_id")
);

-- CreateIndex
CREATE INDEX "delivery_held_idx" ON "delivery"("workspace_id", "endpoint_id", "event_position") WHERE (status = 'HELD'::delivery_status);
