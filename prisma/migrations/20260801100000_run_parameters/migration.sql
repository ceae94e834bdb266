-- AlterTable
ALTER TABLE "experiments" ADD COLUMN     "kept_bytes" BIGINT NOT NULL DEFAULT 0;

-- CreateTable
CREATE TABLE "run_parameters" (
    "run_id" UUID NOT NULL,
    "round" INTEGER NOT NULL,
    "tensors" JSON NOT NULL,
    "theta" BYTEA NOT NULL,

    CONSTRAINT "run_parameters_pkey" PRIMARY KEY ("run_id")
);

-- AddForeignKey
ALTER TABLE "run_parameters" ADD CONSTRAINT "run_parameters_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "runs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- By hand: what Prisma's schema language does not say, and its diff leaves alone.

-- Weights do not compress; out of line, a query for anything else does not read them.
ALTER TABLE "run_parameters" ALTER COLUMN "theta" SET STORAGE EXTERNAL;
ALTER TABLE "run_parameters" ADD CONSTRAINT "run_parameters_theta_check" CHECK (octet_length("theta") % 4 = 0);
ALTER TABLE "experiments" ADD CONSTRAINT "experiments_kept_bytes_check" CHECK ("kept_bytes" >= 0);
