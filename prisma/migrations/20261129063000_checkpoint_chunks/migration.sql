-- AlterTable
ALTER TABLE "runs" ADD COLUMN     "refused_checkpoint_bytes" BIGINT;

-- AlterTable
ALTER TABLE "checkpoints" ADD COLUMN     "size" BIGINT;
UPDATE "checkpoints" SET "size" = octet_length("bytes");
ALTER TABLE "checkpoints" ALTER COLUMN "size" SET NOT NULL;

-- CreateTable
CREATE TABLE "checkpoint_chunks" (
    "run_id" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "bytes" BYTEA NOT NULL,

    CONSTRAINT "checkpoint_chunks_pkey" PRIMARY KEY ("run_id","number")
);

-- AddForeignKey
ALTER TABLE "checkpoint_chunks" ADD CONSTRAINT "checkpoint_chunks_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "checkpoints"("run_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- By hand: what Prisma's schema language does not say, and its diff leaves alone.

-- Floating-point numbers do not compress.
ALTER TABLE "checkpoint_chunks" ALTER COLUMN "bytes" SET STORAGE EXTERNAL;
