-- 0.1, minus zero, the largest and the least float32, not a number with a payload.
INSERT INTO run_parameters (run_id, round, tensors, theta) VALUES
  ('30000000-0000-4000-8000-000000000001', 100, '[{"name": "w", "shape": [5]}]', '\xcdcccc3d00000080ffff7f7f010000000100c07f');
UPDATE experiments SET kept_bytes = 20 WHERE id = '10000000-0000-4000-8000-000000000001';
