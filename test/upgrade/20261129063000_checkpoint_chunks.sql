-- What is behind the beginning of a checkpoint.
INSERT INTO checkpoint_chunks (run_id, number, bytes) SELECT run_id, 1, '\x00ff10' FROM checkpoints;
