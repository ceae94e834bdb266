INSERT INTO experiments (id, name, specification, hash, state, replicates, point_count, run_count, open_runs, tags, notes, priority, archived_at, compute_ms, compute_time_limit_ms, run_time_limit_ms, max_failures, ending, finished_at) VALUES
  ('10000000-0000-4000-8000-000000000005', 'stopped', '{"version": 1}', 'hash-5', 'stopped', 1, 1, 1, 0, '{paper,"two words"}', 'of use', -7, '2026-11-25 00:00:00Z', 1234.5000000000002, 1e6, 0.1, 3, 'budget', '2026-11-24 21:00:00Z');
INSERT INTO points (id, experiment_id, index, role, label, axes, config, hash) VALUES
  ('20000000-0000-4000-8000-000000000006', '10000000-0000-4000-8000-000000000005', 0, 'swept', '10 dB', '[]', '{"rounds": 100}', 'point-1');
INSERT INTO runs (id, experiment_id, point_id, replicate, seed, ordinal, state, round, rounds, computation, shared_from_id, compute_ms, worker_engine, finished_at) VALUES
  ('30000000-0000-4000-8000-000000000009', '10000000-0000-4000-8000-000000000005', '20000000-0000-4000-8000-000000000006', 0, 9007199254740991, 0, 'completed', 100, 100,
   (SELECT computation FROM runs WHERE id = '30000000-0000-4000-8000-000000000001'), '30000000-0000-4000-8000-000000000001', 0.1, 'fused-simd', '2026-11-24 21:00:00Z');
INSERT INTO checkpoints (run_id, round, engine, bytes) VALUES ('30000000-0000-4000-8000-000000000005', 40, 'fused-simd', '\x00ff0a5c');
INSERT INTO admission_turns (holder, turn) VALUES ('00000000-0000-0000-0000-000000000000', 41), ('ffffffff-ffff-ffff-ffff-ffffffffffff', 42);
INSERT INTO idempotency_keys (member_id, key, fingerprint, experiment_id) VALUES
  ('00000000-0000-0000-0000-000000000000', 'again', 'of it', '10000000-0000-4000-8000-000000000005');
UPDATE members SET max_running = 8 WHERE id = '40000000-0000-4000-8000-000000000001';
