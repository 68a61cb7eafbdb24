-- Version 2: what is missing of an exchange's bodies, as a sum of the flags of `overview/bodies.rs`.

ALTER TABLE entries ADD COLUMN bodies INTEGER NOT NULL DEFAULT 0;

UPDATE entries SET bodies = (
        SELECT coalesce(max(value IN ('body_limit', 'memory_budget', 'record_limit')), 0)
            + 2 * coalesce(max(value IN ('redaction', 'decode', 'handler')), 0)
            + 4 * coalesce(max(value = 'sampled_out'), 0)
        FROM (
            SELECT value FROM json_each(lines.json, '$.request.body.reasons')
            UNION ALL SELECT value FROM json_each(lines.json, '$.response.body.reasons')
        )
    )
    + 8 * (coalesce(lines.json ->> '$.request.body.state' IN ('unread', 'partial'), 0)
        OR coalesce(lines.json ->> '$.response.body.state' IN ('unread', 'partial'), 0))
    + 16 * (coalesce(lines.json ->> '$.request.body.state' = 'aborted', 0)
        OR coalesce(lines.json ->> '$.response.body.state' = 'aborted', 0))
-- SQLite takes JSON that is nested very deeply for invalid.
FROM lines WHERE lines.position = entries.position AND kind = 0 AND json_valid(lines.json);
