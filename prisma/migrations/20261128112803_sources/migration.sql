-- CreateEnum
CREATE TYPE "source_kind" AS ENUM ('GENERIC', 'TYPEFORM', 'TALLY', 'JOTFORM', 'GOOGLE_FORMS', 'WEBFLOW', 'SQUARESPACE', 'WIX', 'FRAMER', 'NETLIFY', 'ELEMENTOR', 'CONTACT_FORM_7', 'GRAVITY_FORMS', 'WPFORMS', 'NINJA_FORMS', 'FLUENT_FORMS', 'FORMIDABLE', 'HUBSPOT', 'META_LEAD_ADS', 'GOOGLE_ADS', 'LINKEDIN', 'TIKTOK', 'CALENDLY', 'CAL_COM', 'INTERCOM', 'DRIFT', 'CRISP', 'TIDIO', 'CHATWOOT', 'MANYCHAT', 'TYPEBOT', 'LANDBOT', 'UNBOUNCE', 'INSTAPAGE', 'LEADPAGES', 'MAILCHIMP', 'KIT', 'ACTIVE_CAMPAIGN', 'SEGMENT', 'RUDDERSTACK', 'ZAPIER', 'MAKE', 'SLACK');

-- AlterEnum


ALTER TYPE "scope" ADD VALUE 'SOURCES_READ';
ALTER TYPE "scope" ADD VALUE 'SOURCES_WRITE';

-- AlterEnum
ALTER TYPE "submission_status" ADD VALUE 'IGNORED';

-- AlterTable
ALTER TABLE "submission" ADD COLUMN     "raw" JSONB,
ADD COLUMN     "raw_emails" TEXT[] DEFAULT ARRAY[]::TEXT[],
ADD COLUMN     "reasons" TEXT[] DEFAULT ARRAY[]::TEXT[],
ADD COLUMN     "source_id" TEXT;

-- CreateTable
CREATE TABLE "source" (
    "workspace_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "kind" "source_kind" NOT NULL DEFAULT 'GENERIC',
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "token_hash" TEXT NOT NULL,
    "token" TEXT NOT NULL,
    "previous_token_hash" TEXT,
    "previous_token_expires_at" TIMESTAMPTZ(3),
    "secret" TEXT,
    "previous_secret" TEXT,
    "previous_secret_expires_at" TIMESTAMPTZ(3),
    "header" TEXT,
    "mapping" JSONB NOT NULL DEFAULT '[]',
    "last_received_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "source_pkey" PRIMARY KEY ("workspace_id","id")
);

-- CreateTable
CREATE TABLE "source_repeat" (
    "workspace_id" TEXT NOT NULL,
    "source_id" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "submission_id" TEXT NOT NULL,
    "answer" JSONB NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "source_repeat_pkey" PRIMARY KEY ("workspace_id","source_id","key")
);

-- CreateTable
CREATE TABLE "source_refusals" (
    "workspace_id" TEXT NOT NULL,
    "source_id" TEXT NOT NULL,
    "hour" TIMESTAMPTZ(3) NOT NULL,
    "count" INTEGER NOT NULL,

    CONSTRAINT "source_refusals_pkey" PRIMARY KEY ("workspace_id","source_id","hour")
);

-- CreateIndex
CREATE UNIQUE INDEX "source_token_hash_key" ON "source"("token_hash");

-- CreateIndex
CREATE UNIQUE INDEX "source_previous_token_hash_key" ON "source"("previous_token_hash");

-- CreateIndex
CREATE INDEX "source_repeat_expires_at_idx" ON "source_repeat"("expires_at");

-- CreateIndex
CREATE INDEX "source_repeat_workspace_id_submission_id_idx" ON "source_repeat"("workspace_id", "submission_id");

-- CreateIndex
CREATE INDEX "source_refusals_hour_idx" ON "source_refusals"("hour");

-- CreateIndex
CREATE INDEX "submission_source_idx" ON "submission"("workspace_id", "source_id", "id") WHERE (source_id IS NOT NULL);

-- CreateIndex
CREATE INDEX "submission_source_kept_back_idx" ON "submission"("workspace_id", "source_id", "status", "id") WHERE (source_id IS NOT NULL AND status <> 'ACCEPTED'::submission_status);

-- CreateIndex
CREATE INDEX "submission_raw_emails_idx" ON "submission" USING GIN ("raw_emails") WHERE (raw_emails <> '{}'::text[]);
