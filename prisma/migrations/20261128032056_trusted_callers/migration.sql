-- AlterTable
-- Null in the contacts of 0.1: statements derive their trusted fields when they lock the row, so no row is rewritten here.
ALTER TABLE "contact" ADD COLUMN     "trusted_fields" TEXT[];

-- AlterTable
-- The keys of 0.1 name no caller; they stay for the rest of their day under '*'.
ALTER TABLE "idempotency_key" DROP CONSTRAINT "idempotency_key_pkey",
ADD COLUMN     "caller" TEXT NOT NULL DEFAULT '*',
ADD CONSTRAINT "idempotency_key_pkey" PRIMARY KEY ("workspace_id", "caller", "key");
ALTER TABLE "idempotency_key" ALTER COLUMN "caller" DROP DEFAULT;

-- AlterTable
ALTER TABLE "workspace" ADD COLUMN     "private_receipts" BOOLEAN NOT NULL DEFAULT false;
