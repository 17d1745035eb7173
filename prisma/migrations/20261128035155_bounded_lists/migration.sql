-- CreateIndex
CREATE INDEX "delivery_troubled_idx" ON "delivery"("workspace_id", "status", "id") WHERE (status = ANY (ARRAY['RETRYING'::delivery_status, 'FAILED'::delivery_status, 'HELD'::delivery_status, 'CANCELED'::delivery_status]));

-- CreateIndex
CREATE INDEX "delivery_endpoint_troubled_idx" ON "delivery"("workspace_id", "endpoint_id", "status", "id") WHERE (status = ANY (ARRAY['RETRYING'::delivery_status, 'FAILED'::delivery_status, 'HELD'::delivery_status, 'CANCELED'::delivery_status]));

-- CreateIndex
CREATE INDEX "event_rare_type_idx" ON "event"("workspace_id", "type", "position") WHERE (type <> ALL (ARRAY['contact.created'::text, 'contact.updated'::text]));

-- CreateIndex
CREATE INDEX "submission_kept_back_idx" ON "submission"("workspace_id", "status", "received_at", "id") WHERE (status <> 'ACCEPTED'::submission_status);
