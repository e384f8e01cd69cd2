-- Why are events rejected
-- How to read it: the first line costs the most events. Correct the page, then replay the rejected
-- events; a replay can rename or drop a field.
-- Parameters: the first and the last day, in quotes: '2026-11-01', '2026-11-30'.
SELECT
  reason,
  field,
  sum(rejected) AS rejected,
  min(day) AS first_day,
  max(day) AS last_day
FROM rejected_by_reason
WHERE day BETWEEN CAST(? AS date) AND CAST(? AS date)
GROUP BY reason, field
ORDER BY rejected DESC, reason, field
