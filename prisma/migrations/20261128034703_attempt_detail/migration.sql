-- AlterTable
ALTER TABLE "attempt" ADD COLUMN     "detail" TEXT,
ADD COLUMN     "inside" BOOLEAN NOT NULL DEFAULT false;
