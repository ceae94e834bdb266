INSERT INTO api_tokens (id, member_id, label, scope, hash, expires_at, made_with_id) VALUES
  ('50000000-0000-4000-8000-000000000003', '40000000-0000-4000-8000-000000000001', 'made', 'write', sha256('three'), '2099-01-01 00:00:00Z', '50000000-0000-4000-8000-000000000001');
