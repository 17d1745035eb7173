-- CreateIndex
CREATE INDEX "submission_raw_payload_idx" ON "submission"("received_at") WHERE (raw IS NOT NULL);
