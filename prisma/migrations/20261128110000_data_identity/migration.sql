-- AlterTable
ALTER TABLE "points" ADD COLUMN     "data_fingerprint" TEXT;

-- AlterTable
ALTER TABLE "run_parameters" ADD COLUMN     "checksum" BYTEA;

-- AlterTable
ALTER TABLE "runs" ADD COLUMN     "engine_version" INTEGER NOT NULL DEFAULT 1,
ADD COLUMN     "refused_by" TEXT[] DEFAULT ARRAY[]::TEXT[];

-- By hand: what Prisma's schema language does not say, and its diff leaves alone.

-- Whatever writes a run says which version computes it; those that are there were all of the first.
ALTER TABLE "runs" ALTER COLUMN "engine_version" DROP DEFAULT;
ALTER TABLE "points" ADD CONSTRAINT "points_data_fingerprint_check" CHECK ("data_fingerprint" ~ '^[0-9a-f]{64}$');
ALTER TABLE "run_parameters" ADD CONSTRAINT "run_parameters_checksum_check" CHECK (octet_length("checksum") = 32);

-- Which images the runs before this were computed on is not known: each is a computation of its own. Results that are shared already stay so.
UPDATE "runs" SET
    "computation" = sha256(convert_to("points"."hash" || ':' || "runs"."seed" || ':1:unknown ' || "runs"."id", 'UTF8'))
FROM "points"
WHERE "points"."id" = "runs"."point_id" AND "points"."config" -> 'task' ->> 'dataset' IS NOT NULL;

-- What runs with the results of others were computed on.
UPDATE "runs" SET "worker_engine" = coalesce("source"."worker_engine", "runs"."worker_engine") FROM "runs" AS "source" WHERE "source"."id" = "runs"."shared_from_id";
