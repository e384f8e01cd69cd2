-- Is the data itself healthy
-- How to read it: one line for each day of arrival. Refused events point to a page that sends wrong data (see
-- refused_events); a jump of repeats or of the delay to phones that lose their connection; no line at all to
-- a page that stopped sending.
-- Parameters: the first and the last day, in quotes: '2026-11-01', '2026-11-30'.
SELECT
  day,
  events,
  refused,
  round(CAST(refused AS double) / nullif(events + refused, 0), 4) AS refused_rate,
  repeats,
  bots,
  clock_adjusted,
  missing_session,
  delay_p50_seconds,
  delay_p95_seconds
FROM data_quality
WHERE day BETWEEN CAST(? AS date) AND CAST(? AS date)
ORDER BY day
