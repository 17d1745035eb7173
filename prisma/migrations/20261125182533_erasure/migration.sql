-- DropIndex
DROP INDEX "delivery_lane_idx";

-- AlterTable
ALTER TABLE "event" ADD COLUMN     "redacted_at" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "submission" ADD COLUMN     "email" TEXT;

-- CreateIndex
CREATE INDEX "audit_entry_workspace_id_target_id_idx" ON "audit_entry"("workspace_id", "target_id");

-- CreateIndex
CREATE INDEX "delivery_lane_idx" ON "delivery"("workspace_id", "endpoint_id", "contact_id", "event_position") WHERE ((status = ANY (ARRAY['PENDING'::delivery_status, 'RETRYING'::delivery_status, 'HELD'::delivery_status])) OR lease_until IS NOT NULL);

-- CreateIndex
CREATE INDEX "idempotency_key_workspace_id_submission_id_idx" ON "idempotency_key"("workspace_id", "submission_id");

-- CreateIndex
CREATE INDEX "submission_email_idx" ON "submission"("workspace_id", "email") WHERE (email IS NOT NULL);

-- What is there already: whose a submission without a contact is, and keys as hashes.
UPDATE "submission" SET "email" = lower(btrim("fields" ->> 'email')) WHERE "contact_id" IS NULL AND jsonb_typeof("fields" -> 'email') = 'string';
UPDATE "idempotency_key" SET "key" = encode(sha256(convert_to("key", 'UTF8')), 'hex');
