-- More than a 32-bit number.
INSERT INTO retention (id, kept_bytes_limit) VALUES (1, 12884901888);
