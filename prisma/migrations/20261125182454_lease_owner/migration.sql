-- AlterTable
ALTER TABLE "delivery" ADD COLUMN     "lease_owner" TEXT;
