-- CreateEnum
CREATE TYPE "merge_policy" AS ENUM ('OVERWRITE', 'FILL_EMPTY');

-- CreateEnum
CREATE TYPE "scope" AS ENUM ('CAPTURE', 'CONTACTS_READ', 'CONTACTS_WRITE', 'PII_READ', 'EVENTS_READ', 'WEBHOOKS_READ', 'WEBHOOKS_WRITE', 'PRIVACY_ERASE', 'ADMIN');

-- CreateEnum
CREATE TYPE "submission_status" AS ENUM ('ACCEPTED', 'HELD', 'SPAM');

-- CreateEnum
CREATE TYPE "capture_outcome" AS ENUM ('CREATED', 'UPDATED', 'UNCHANGED');

-- CreateEnum
CREATE TYPE "webhook_endpoint_status" AS ENUM ('ENABLED', 'DISABLED', 'AUTO_DISABLED');

-- CreateEnum
CREATE TYPE "delivery_status" AS ENUM ('PENDING', 'RETRYING', 'SUCCEEDED', 'FAILED', 'HELD', 'CANCELED');

-- CreateEnum
CREATE TYPE "attempt_trigger" AS ENUM ('AUTOMATIC', 'MANUAL', 'REPLAY', 'TEST');

-- CreateEnum
CREATE TYPE "attempt_error" AS ENUM ('DNS', 'CONNECT', 'TLS', 'TIMEOUT', 'BLOCKED_ADDRESS', 'REDIRECT', 'HTTP_STATUS', 'PROTOCOL');

-- CreateTable
CREATE TABLE "workspace" (
    "id" TEXT NOT NULL,
    "slug" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "allowed_origins" TEXT[],
    "redirect_origins" TEXT[],
    "merge_policy" "merge_policy" NOT NULL DEFAULT 'OVERWRITE',
    "stages" TEXT[],
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "workspace_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "api_key" (
    "workspace_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "hash" TEXT NOT NULL,
    "prefix" TEXT NOT NULL,
    "last_four" TEXT NOT NULL,
    "scopes" "scope"[],
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_used_at" TIMESTAMPTZ(3),
    "expires_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "api_key_pkey" PRIMARY KEY ("workspace_id","id")
);

-- CreateTable
CREATE TABLE "audit_entry" (
    "workspace_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "actor" TEXT NOT NULL,
    "target_id" TEXT,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "details" JSONB NOT NULL DEFAULT '{}',

    CONSTRAINT "audit_entry_pkey" PRIMARY KEY ("workspace_id","id")
);

-- CreateTable
CREATE TABLE "contact" (
    "workspace_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "first_name" TEXT,
    "last_name" TEXT,
    "stage" TEXT NOT NULL,
    "source" TEXT,
    "metadata" JSONB NOT NULL DEFAULT '{}',
    "first_touch" JSONB,
    "last_touch" JSONB,
    "submission_count" INTEGER NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "version" INTEGER NOT NULL DEFAULT 1,

    CONSTRAINT "contact_pkey" PRIMARY KEY ("workspace_id","id")
);

-- CreateTable
CREATE TABLE "submission" (
    "workspace_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "status" "submission_status" NOT NULL,
    "outcome" "capture_outcome",
    "contact_id" TEXT,
    "fields" JSONB NOT NULL DEFAULT '{}',
    "changes" JSONB NOT NULL DEFAULT '[]',
    "source" TEXT,
    "origin" TEXT,
    "user_agent" TEXT,
    "spam_reasons" TEXT[],
    "received_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "submission_pkey" PRIMARY KEY ("workspace_id","id")
);

-- CreateTable
CREATE TABLE "idempotency_key" (
    "workspace_id" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "body_hash" TEXT NOT NULL,
    "submission_id" TEXT NOT NULL,
    "answer" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "idempotency_key_pkey" PRIMARY KEY ("workspace_id","key")
);

-- CreateTable
CREATE TABLE "event" (
    "workspace_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "position" BIGSERIAL NOT NULL,
    "type" TEXT NOT NULL,
    "contact_id" TEXT,
    "endpoint_id" TEXT,
    "body" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "event_pkey" PRIMARY KEY ("workspace_id","id")
);

-- CreateTable
CREATE TABLE "reader_position" (
    "workspace_id" TEXT NOT NULL,
    "reader" TEXT NOT NULL,
    "position" BIGINT NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "reader_position_pkey" PRIMARY KEY ("workspace_id","reader")
);

-- CreateTable
CREATE TABLE "webhook_endpoint" (
    "workspace_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "url" TEXT NOT NULL,
    "description" TEXT,
    "events" TEXT[],
    "status" "webhook_endpoint_status" NOT NULL DEFAULT 'ENABLED',
    "disabled_reason" TEXT,
    "secret" TEXT NOT NULL,
    "secret_hint" TEXT NOT NULL,
    "previous_secret" TEXT,
    "previous_secret_expires_at" TIMESTAMPTZ(3),
    "max_in_flight" INTEGER NOT NULL DEFAULT 10,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "webhook_endpoint_pkey" PRIMARY KEY ("workspace_id","id")
);

-- CreateTable
CREATE TABLE "delivery" (
    "workspace_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "endpoint_id" TEXT NOT NULL,
    "event_id" TEXT NOT NULL,
    "event_position" BIGINT NOT NULL,
    "contact_id" TEXT,
    "status" "delivery_status" NOT NULL DEFAULT 'PENDING',
    "trigger" "attempt_trigger" NOT NULL DEFAULT 'AUTOMATIC',
    "attempt_count" INTEGER NOT NULL DEFAULT 0,
    "retry_count" INTEGER NOT NULL DEFAULT 0,
    "throttle_count" INTEGER NOT NULL DEFAULT 0,
    "next_attempt_at" TIMESTAMPTZ(3),
    "lease_until" TIMESTAMPTZ(3),
    "lease_token" INTEGER NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "completed_at" TIMESTAMPTZ(3),

    CONSTRAINT "delivery_pkey" PRIMARY KEY ("workspace_id","id")
);

-- CreateTable
CREATE TABLE "attempt" (
    "workspace_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "delivery_id" TEXT NOT NULL,
    "number" INTEGER NOT NULL,
    "trigger" "attempt_trigger" NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "duration_ms" INTEGER NOT NULL,
    "response_status" INTEGER,
    "response_body" TEXT,
    "error" "attempt_error",

    CONSTRAINT "attempt_pkey" PRIMARY KEY ("workspace_id","id")
);

-- CreateIndex
CREATE UNIQUE INDEX "workspace_slug_key" ON "workspace"("slug");

-- CreateIndex
CREATE UNIQUE INDEX "api_key_hash_key" ON "api_key"("hash");

-- CreateIndex
CREATE INDEX "contact_workspace_id_created_at_id_idx" ON "contact"("workspace_id", "created_at", "id");

-- CreateIndex
CREATE UNIQUE INDEX "contact_workspace_id_email_key" ON "contact"("workspace_id", "email");

-- CreateIndex
CREATE INDEX "submission_workspace_id_received_at_id_idx" ON "submission"("workspace_id", "received_at", "id");

-- CreateIndex
CREATE INDEX "submission_workspace_id_contact_id_id_idx" ON "submission"("workspace_id", "contact_id", "id");

-- CreateIndex
CREATE INDEX "idempotency_key_created_at_idx" ON "idempotency_key"("created_at");

-- CreateIndex
CREATE INDEX "event_position_idx" ON "event"("position");

-- CreateIndex
CREATE INDEX "event_workspace_id_contact_id_position_idx" ON "event"("workspace_id", "contact_id", "position");

-- CreateIndex
CREATE UNIQUE INDEX "event_workspace_id_position_key" ON "event"("workspace_id", "position");

-- CreateIndex
CREATE INDEX "delivery_workspace_id_endpoint_id_id_idx" ON "delivery"("workspace_id", "endpoint_id", "id");

-- CreateIndex
CREATE INDEX "delivery_workspace_id_contact_id_id_idx" ON "delivery"("workspace_id", "contact_id", "id");

-- CreateIndex
CREATE INDEX "delivery_open_idx" ON "delivery"("workspace_id", "endpoint_id", "next_attempt_at", "event_position") WHERE (status = ANY (ARRAY['PENDING'::delivery_status, 'RETRYING'::delivery_status]));

-- CreateIndex
CREATE INDEX "delivery_lane_idx" ON "delivery"("workspace_id", "endpoint_id", "contact_id", "event_position") WHERE (status = ANY (ARRAY['PENDING'::delivery_status, 'RETRYING'::delivery_status, 'HELD'::delivery_status]));

-- CreateIndex
CREATE INDEX "delivery_lease_idx" ON "delivery"("workspace_id", "endpoint_id", "lease_until") WHERE (lease_until IS NOT NULL);

-- CreateIndex
CREATE UNIQUE INDEX "delivery_workspace_id_event_id_endpoint_id_key" ON "delivery"("workspace_id", "event_id", "endpoint_id");

-- CreateIndex
CREATE UNIQUE INDEX "attempt_workspace_id_delivery_id_number_key" ON "attempt"("workspace_id", "delivery_id", "number");
