-- AlterTable
ALTER TABLE "workspace" ADD COLUMN     "default_country" TEXT;
