INSERT INTO members (id, name, role, created_at, removed_at) VALUES
  ('40000000-0000-4000-8000-000000000001', 'admin', 'admin', '2026-08-02 09:00:00Z', NULL),
  ('40000000-0000-4000-8000-000000000002', 'ada', 'researcher', '2026-08-02 09:00:01Z', '2026-08-03 09:00:00Z'),
  ('40000000-0000-4000-8000-000000000003', 'ada', 'viewer', '2026-08-04 09:00:01Z', NULL);
INSERT INTO api_tokens (id, member_id, label, scope, hash, created_at, expires_at, last_used_at, revoked_at) VALUES
  ('50000000-0000-4000-8000-000000000001', '40000000-0000-4000-8000-000000000001', 'first start', 'admin', sha256('one'), '2026-08-02 09:00:00Z', '2099-01-01 00:00:00Z', '2026-08-05 10:00:00.125Z', NULL),
  ('50000000-0000-4000-8000-000000000002', '40000000-0000-4000-8000-000000000002', 'note''book', 'read', sha256('two'), '2026-08-02 09:00:00Z', '2026-10-01 00:00:00Z', NULL, '2026-08-03 09:00:00Z');
INSERT INTO audit_log (at, member_id, member, token_id, operation, target, outcome, request_id) VALUES
  ('2026-08-02 09:00:01.5Z', '40000000-0000-4000-8000-000000000001', 'admin', '50000000-0000-4000-8000-000000000001', 'members:add', 'ada as researcher', 'done', 'r-1'),
  ('2026-08-02 09:00:02Z', NULL, NULL, NULL, 'experiments:create', NULL, 'refused', NULL);
UPDATE experiments SET owner_id = '40000000-0000-4000-8000-000000000002', visibility = 'private' WHERE id = '10000000-0000-4000-8000-000000000001';
