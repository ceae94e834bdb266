-- AlterEnum
ALTER TYPE "point_role" ADD VALUE 'matched';

-- AlterTable
ALTER TABLE "experiments" ADD COLUMN     "figures_version" INTEGER NOT NULL DEFAULT 0;

-- AlterTable
ALTER TABLE "points" ADD COLUMN     "matched_twin_point_id" UUID;

-- CreateTable
CREATE TABLE "run_figures" (
    "run_id" UUID NOT NULL,
    "experiment_id" UUID NOT NULL,
    "point_id" UUID NOT NULL,
    "replicate" INTEGER NOT NULL,
    "diverged" BOOLEAN NOT NULL,
    "version" INTEGER NOT NULL,
    "values" DOUBLE PRECISION[],

    CONSTRAINT "run_figures_pkey" PRIMARY KEY ("run_id")
);

-- CreateIndex
CREATE INDEX "run_figures_experiment_id_idx" ON "run_figures"("experiment_id");

-- AddForeignKey
ALTER TABLE "run_figures" ADD CONSTRAINT "run_figures_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "runs"("id") ON DELETE CASCADE ON UPDATE CASCADE;
