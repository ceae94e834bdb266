-- Written by the schema engine (`node prisma/diff.mjs`), except for the last section, which is written by hand.

-- CreateEnum
CREATE TYPE "experiment_state" AS ENUM ('running', 'finished', 'cancelled');

-- CreateEnum
CREATE TYPE "point_role" AS ENUM ('swept', 'twin');

-- CreateEnum
CREATE TYPE "run_state" AS ENUM ('queued', 'running', 'completed', 'diverged', 'failed', 'cancelled');

-- CreateTable
CREATE TABLE "experiments" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT,
    "specification" JSON NOT NULL,
    "hash" TEXT NOT NULL,
    "state" "experiment_state" NOT NULL DEFAULT 'running',
    "replicates" INTEGER NOT NULL,
    "point_count" INTEGER NOT NULL,
    "run_count" INTEGER NOT NULL,
    "open_runs" INTEGER NOT NULL,
    "event_sequence" INTEGER NOT NULL DEFAULT 0,
    "target_train_loss" DOUBLE PRECISION,
    "cancel_requested_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "experiments_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "points" (
    "id" UUID NOT NULL,
    "experiment_id" UUID NOT NULL,
    "index" INTEGER NOT NULL,
    "role" "point_role" NOT NULL,
    "label" TEXT NOT NULL,
    "axes" JSON NOT NULL,
    "config" JSON NOT NULL,
    "hash" TEXT NOT NULL,
    "twin_point_id" UUID,

    CONSTRAINT "points_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "runs" (
    "id" UUID NOT NULL,
    "experiment_id" UUID NOT NULL,
    "point_id" UUID NOT NULL,
    "replicate" INTEGER NOT NULL,
    "seed" BIGINT NOT NULL,
    "ordinal" INTEGER NOT NULL,
    "state" "run_state" NOT NULL DEFAULT 'queued',
    "fence" INTEGER NOT NULL DEFAULT 0,
    "losses" INTEGER NOT NULL DEFAULT 0,
    "dispatch" INTEGER NOT NULL DEFAULT 0,
    "admitted_at" TIMESTAMPTZ(3),
    "worker_id" TEXT,
    "lease_expires_at" TIMESTAMPTZ(3),
    "round" INTEGER NOT NULL DEFAULT 0,
    "rounds" INTEGER NOT NULL,
    "recorded_round" INTEGER NOT NULL DEFAULT -1,
    "engine" TEXT,
    "failure" JSON,
    "started_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "runs_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "series" (
    "run_id" UUID NOT NULL,
    "metric" TEXT NOT NULL,
    "rounds" INTEGER[],
    "values" DOUBLE PRECISION[],

    CONSTRAINT "series_pkey" PRIMARY KEY ("run_id","metric")
);

-- CreateTable
CREATE TABLE "events" (
    "experiment_id" UUID NOT NULL,
    "sequence" INTEGER NOT NULL,
    "type" TEXT NOT NULL,
    "run_id" UUID,
    "data" JSON NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "events_pkey" PRIMARY KEY ("experiment_id","sequence")
);

-- CreateTable
CREATE TABLE "workers" (
    "id" TEXT NOT NULL,
    "host" TEXT NOT NULL,
    "slots" INTEGER NOT NULL,
    "engine" TEXT NOT NULL,
    "seen_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "workers_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "experiments_created_at_id_idx" ON "experiments"("created_at", "id");

-- CreateIndex
CREATE UNIQUE INDEX "points_experiment_id_index_key" ON "points"("experiment_id", "index");

-- CreateIndex
CREATE UNIQUE INDEX "runs_point_id_replicate_key" ON "runs"("point_id", "replicate");

-- CreateIndex
CREATE UNIQUE INDEX "runs_experiment_id_ordinal_key" ON "runs"("experiment_id", "ordinal");

-- AddForeignKey
ALTER TABLE "points" ADD CONSTRAINT "points_experiment_id_fkey" FOREIGN KEY ("experiment_id") REFERENCES "experiments"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "runs" ADD CONSTRAINT "runs_experiment_id_fkey" FOREIGN KEY ("experiment_id") REFERENCES "experiments"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "runs" ADD CONSTRAINT "runs_point_id_fkey" FOREIGN KEY ("point_id") REFERENCES "points"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "series" ADD CONSTRAINT "series_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "runs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "events" ADD CONSTRAINT "events_experiment_id_fkey" FOREIGN KEY ("experiment_id") REFERENCES "experiments"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- By hand: what Prisma's schema language does not say, and its diff leaves alone.

-- Next runs of an experiment to admit, in run order.
CREATE INDEX "runs_admissible_idx" ON "runs"("experiment_id", "ordinal") WHERE "state" = 'queued' AND "admitted_at" IS NULL;

-- Runs in the queue or running: few, whatever the size of the experiments. The lease is not part of the key, so that
-- renewing it touches no index (HOT), for which pages keep some space free.
CREATE INDEX "runs_in_flight_idx" ON "runs"("experiment_id") WHERE "state" IN ('queued', 'running') AND "admitted_at" IS NOT NULL;
ALTER TABLE "runs" SET (fillfactor = 85);

-- Experiments that may still admit runs, oldest first.
CREATE INDEX "experiments_open_idx" ON "experiments"("created_at", "id") WHERE "state" = 'running' AND "cancel_requested_at" IS NULL;

ALTER TABLE "experiments" ADD CONSTRAINT "experiments_open_runs_check" CHECK ("open_runs" BETWEEN 0 AND "run_count");
ALTER TABLE "experiments" ADD CONSTRAINT "experiments_finished_check" CHECK (("state" = 'running') = ("finished_at" IS NULL));
ALTER TABLE "runs" ADD CONSTRAINT "runs_lease_check" CHECK (("state" = 'running') = ("lease_expires_at" IS NOT NULL));
ALTER TABLE "runs" ADD CONSTRAINT "runs_finished_check" CHECK (("state" IN ('queued', 'running')) = ("finished_at" IS NULL));
ALTER TABLE "series" ADD CONSTRAINT "series_length_check" CHECK (cardinality("rounds") = cardinality("values"));
