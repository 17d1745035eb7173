-- DropIndex
DROP INDEX "delivery_lane_idx";

-- CreateIndex
CREATE INDEX "delivery_lane_idx" ON "delivery"("workspace_id", "endpoint_id", "contact_id", "event_position") WHERE (contact_id IS NOT NULL) AND ((status = ANY (ARRAY['PENDING'::delivery_status, 'RETRYING'::delivery_status, 'HELD'::delivery_status])) OR (lease_until IS NOT NULL));
