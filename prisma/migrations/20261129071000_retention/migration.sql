-- CreateTable
CREATE TABLE "retention" (
    "id" INTEGER NOT NULL,
    "kept_bytes_limit" BIGINT,

    CONSTRAINT "retention_pkey" PRIMARY KEY ("id")
);

-- By hand: what Prisma's schema language does not say, and its diff leaves alone.

-- At most one row; without it, the limit is the program's (results/limits.ts).
ALTER TABLE "retention" ADD CONSTRAINT "retention_one_row" CHECK ("id" = 1);
ALTER TABLE "retention" ADD CONSTRAINT "retention_kept_bytes_limit_check" CHECK ("kept_bytes_limit" >= 0);
