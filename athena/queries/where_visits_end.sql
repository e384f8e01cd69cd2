-- Where do visits end that do not order
-- How to read it: last_seen is the element that a guest touched last before leaving. One that ends far more
-- visits than others sends guests away: a price, a missing photo, a page that does not load.
-- A visit whose last event is less than 30 minutes old may go on, and is left out.
-- A business date lasts from 05:00 to 05:00.
-- Parameters: the first and the last day, in quotes: '2026-11-01', '2026-11-30'.
SELECT
  source_menu,
  exit_element AS last_seen,
  count(*) AS visits,
  round(CAST(count(*) AS double) / sum(count(*)) OVER (PARTITION BY source_menu), 4) AS share_of_such_visits,
  round(avg(items_viewed), 1) AS items_viewed,
  approx_percentile(duration_seconds, 0.5) AS median_seconds
FROM visits
CROSS JOIN running_day
WHERE NOT has_order AND visits.business_date BETWEEN CAST(? AS date) AND CAST(? AS date)
  AND ended_at <= date_add('minute', -30, running_day.local_time)
GROUP BY source_menu, exit_element
ORDER BY source_menu, visits DESC, last_seen
