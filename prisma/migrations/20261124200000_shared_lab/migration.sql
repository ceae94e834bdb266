-- CreateEnum
CREATE TYPE "hold" AS ENUM ('paused', 'failures');

-- CreateEnum
CREATE TYPE "ending" AS ENUM ('stop', 'cancel', 'budget');

-- AlterEnum
ALTER TYPE "experiment_state" ADD VALUE 'stopped';

-- AlterTable
ALTER TABLE "experiments" ADD COLUMN     "archived_at" TIMESTAMPTZ(3),
ADD COLUMN     "compute_ms" DOUBLE PRECISION NOT NULL DEFAULT 0,
ADD COLUMN     "compute_time_limit_ms" DOUBLE PRECISION,
ADD COLUMN     "ending" "ending",
ADD COLUMN     "hold" "hold",
ADD COLUMN     "max_failures" INTEGER,
ADD COLUMN     "notes" TEXT,
ADD COLUMN     "priority" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "run_time_limit_ms" DOUBLE PRECISION,
ADD COLUMN     "tags" TEXT[] DEFAULT ARRAY[]::TEXT[];

-- AlterTable
ALTER TABLE "members" ADD COLUMN     "max_running" INTEGER;

-- AlterTable
ALTER TABLE "runs" ADD COLUMN     "computation" BYTEA,
ADD COLUMN     "compute_ms" DOUBLE PRECISION NOT NULL DEFAULT 0,
ADD COLUMN     "forced" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "not_before" TIMESTAMPTZ(3),
ADD COLUMN     "shared_from_id" UUID,
ADD COLUMN     "worker_engine" TEXT;

-- CreateTable
CREATE TABLE "checkpoints" (
    "run_id" UUID NOT NULL,
    "round" INTEGER NOT NULL,
    "engine" TEXT NOT NULL,
    "bytes" BYTEA NOT NULL,

    CONSTRAINT "checkpoints_pkey" PRIMARY KEY ("run_id")
);

-- CreateTable
CREATE TABLE "admission_turns" (
    "holder" UUID NOT NULL,
    "turn" BIGINT NOT NULL,

    CONSTRAINT "admission_turns_pkey" PRIMARY KEY ("holder")
);

-- CreateTable
CREATE TABLE "idempotency_keys" (
    "member_id" UUID NOT NULL,
    "key" TEXT NOT NULL,
    "fingerprint" TEXT NOT NULL,
    "experiment_id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "idempotency_keys_pkey" PRIMARY KEY ("member_id","key")
);

-- AddForeignKey
ALTER TABLE "runs" ADD CONSTRAINT "runs_shared_from_id_fkey" FOREIGN KEY ("shared_from_id") REFERENCES "runs"("id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "checkpoints" ADD CONSTRAINT "checkpoints_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "runs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "idempotency_keys" ADD CONSTRAINT "idempotency_keys_experiment_id_fkey" FOREIGN KEY ("experiment_id") REFERENCES "experiments"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- By hand: what Prisma's schema language does not say, and its diff leaves alone.

-- What was a flag is one of several reasons to end.
UPDATE "experiments" SET "ending" = 'cancel' WHERE "cancel_requested_at" IS NOT NULL;
DROP INDEX "experiments_open_idx";
ALTER TABLE "experiments" DROP COLUMN "cancel_requested_at";

-- Experiments that may still admit runs, oldest first.
CREATE INDEX "experiments_open_idx" ON "experiments"("created_at", "id") WHERE "state" = 'running' AND "ending" IS NULL AND "hold" IS NULL;
-- Lists by tag.
CREATE INDEX "experiments_tags_idx" ON "experiments" USING gin ("tags");

-- Runs that are there already are computations of engine version 1; those in flight may be the same, and both go on.
UPDATE "runs" SET
    "computation" = sha256(convert_to("points"."hash" || ':' || "runs"."seed" || ':1', 'UTF8')),
    "forced" = "runs"."state" IN ('queued', 'running') AND "runs"."admitted_at" IS NOT NULL
FROM "points" WHERE "points"."id" = "runs"."point_id";
ALTER TABLE "runs" ALTER COLUMN "computation" SET NOT NULL;
ALTER TABLE "runs" ADD CONSTRAINT "runs_computation_check" CHECK (octet_length("computation") = 32);

-- One computation is under way once, whoever asks for it.
CREATE UNIQUE INDEX "runs_computation_in_flight_key" ON "runs"("computation")
    WHERE "state" IN ('queued', 'running') AND "admitted_at" IS NOT NULL AND NOT "forced";
-- Runs of a computation: those that have done it, and those that wait for it.
CREATE INDEX "runs_computation_idx" ON "runs"("computation");
-- Whose results others have too.
CREATE INDEX "runs_shared_from_idx" ON "runs"("shared_from_id") WHERE "shared_from_id" IS NOT NULL;
ALTER TABLE "runs" ADD CONSTRAINT "runs_shared_check" CHECK ("shared_from_id" IS NULL OR "state" IN ('completed', 'diverged'));

-- State of a simulation does not compress; out of line, nothing else reads it.
ALTER TABLE "checkpoints" ALTER COLUMN "bytes" SET STORAGE EXTERNAL;

-- A key is taken before the experiment is written, so that others with the same key wait.
ALTER TABLE "idempotency_keys" ALTER CONSTRAINT "idempotency_keys_experiment_id_fkey" DEFERRABLE INITIALLY DEFERRED;

-- Numbers the turns of admission.
CREATE SEQUENCE "admission_turn_seq";
