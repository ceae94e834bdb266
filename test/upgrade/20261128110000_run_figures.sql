-- Doubles of every kind, and none.
INSERT INTO run_figures (run_id, experiment_id, point_id, replicate, diverged, version, values) VALUES
  ('30000000-0000-4000-8000-000000000001', '10000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001', 0, false, 1, '{0.30000000000000004,5e-324,-0,NULL,NaN}');
