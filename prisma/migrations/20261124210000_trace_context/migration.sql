-- AlterTable
ALTER TABLE "experiments" ADD COLUMN     "trace_context" TEXT;
