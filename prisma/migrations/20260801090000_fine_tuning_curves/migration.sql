-- CreateTable
CREATE TABLE "fine_tuning_curves" (
    "run_id" UUID NOT NULL,
    "at" TEXT NOT NULL,
    "task_set" TEXT NOT NULL,
    "metric" TEXT NOT NULL,
    "round" INTEGER NOT NULL,
    "tasks" INTEGER NOT NULL,
    "mean" DOUBLE PRECISION[],
    "deviation" DOUBLE PRECISION[],
    "q05" DOUBLE PRECISION[],
    "q25" DOUBLE PRECISION[],
    "q50" DOUBLE PRECISION[],
    "q75" DOUBLE PRECISION[],
    "q95" DOUBLE PRECISION[],

    CONSTRAINT "fine_tuning_curves_pkey" PRIMARY KEY ("run_id","at","task_set","metric")
);

-- AddForeignKey
ALTER TABLE "fine_tuning_curves" ADD CONSTRAINT "fine_tuning_curves_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "runs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- By hand: what Prisma's schema language does not say, and its diff leaves alone.

ALTER TABLE "fine_tuning_curves" ADD CONSTRAINT "fine_tuning_curves_length_check" CHECK (
    cardinality("mean") > 0
    AND cardinality("mean") = ALL (ARRAY[cardinality("deviation"), cardinality("q05"), cardinality("q25"), cardinality("q50"), cardinality("q75"), cardinality("q95")])
);
