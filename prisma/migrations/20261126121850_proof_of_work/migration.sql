-- AlterTable
ALTER TABLE "workspace" ADD COLUMN     "proof_of_work" BOOLEAN NOT NULL DEFAULT false;

-- CreateTable
CREATE TABLE "spent_proof" (
    "workspace_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "spent_proof_pkey" PRIMARY KEY ("workspace_id","id")
);

-- CreateIndex
CREATE INDEX "spent_proof_expires_at_idx" ON "spent_proof"("expires_at");
