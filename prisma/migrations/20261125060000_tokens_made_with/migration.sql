-- Which token a member made another of the own tokens with: it ends with that one.
ALTER TABLE "api_tokens" ADD COLUMN "made_with_id" UUID;

-- CreateIndex
CREATE INDEX "api_tokens_made_with_id_idx" ON "api_tokens"("made_with_id");

-- AddForeignKey
ALTER TABLE "api_tokens" ADD CONSTRAINT "api_tokens_made_with_id_fkey" FOREIGN KEY ("made_with_id") REFERENCES "api_tokens"("id") ON DELETE SET NULL ON UPDATE CASCADE;
