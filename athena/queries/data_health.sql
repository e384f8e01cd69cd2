-- Is the data itself healthy
-- How to read it: one line for each day of arrival. Rejected events point to a page that sends wrong data
-- (see rejection_reasons). A jump of repeats or of the delay points to phones that lose their connection.
-- Pages of files, local hosts and previews are no guests': `data-hosts` of the tracker leaves them out.
-- A day without a line points to a page that stopped sending.
-- Parameters: the first and the last day, in quotes: '2026-11-01', '2026-11-30'.
SELECT
  day,
  events,
  rejected,
  round(CAST(rejected AS double) / nullif(events + rejected, 0), 4) AS rejected_rate,
  repeats,
  bots,
  clock_adjusted,
  without_session_id,
  from_files,
  from_local_hosts,
  from_previews,
  trackers,
  delay_p50_seconds,
  delay_p95_seconds
FROM data_quality
WHERE day BETWEEN CAST(? AS date) AND CAST(? AS date)
ORDER BY day
