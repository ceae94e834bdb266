-- By hand: turns of admission are counted in "admission_turns", whose row of the lab is also what dispatchers take turns by.
DROP SEQUENCE "admission_turn_seq";

-- Experiments that may still admit runs, oldest first; what one that is stopping has queued was running, and is let finish.
DROP INDEX "experiments_open_idx";
CREATE INDEX "experiments_open_idx" ON "experiments"("created_at", "id")
    WHERE "state" = 'running' AND "hold" IS NULL AND ("ending" IS NULL OR "ending" = 'stop');
