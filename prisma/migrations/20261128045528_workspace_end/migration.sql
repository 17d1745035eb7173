-- AlterTable
ALTER TABLE "workspace" ADD COLUMN     "deleted_at" TIMESTAMPTZ(3),
ADD COLUMN     "disabled_at" TIMESTAMPTZ(3);

-- CreateIndex
CREATE INDEX "workspace_ended_idx" ON "workspace"("id") WHERE (disabled_at IS NOT NULL) OR (deleted_at IS NOT NULL);
