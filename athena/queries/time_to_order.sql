-- How long do guests take, and what do those do differently who order
-- How to read it: compare the two lines of a menu and device. Guests who order late after many dishes need
-- help to decide: fewer dishes, or a recommendation.
-- A visit whose last event is less than 30 minutes old may go on, and is left out.
-- A business date lasts from 05:00 to 05:00.
-- Parameters: the first and the last day, in quotes: '2026-11-01', '2026-11-30'.
SELECT
  source_menu,
  device,
  has_order,
  count(*) AS visits,
  approx_percentile(duration_seconds, 0.5) AS median_seconds,
  approx_percentile(duration_seconds, 0.9) AS slowest_tenth_seconds,
  round(avg(CAST(items_viewed AS double)), 1) AS items_viewed,
  round(avg(CAST(items_added AS double)), 1) AS items_added
FROM visits
CROSS JOIN running_day
WHERE visits.business_date BETWEEN CAST(? AS date) AND CAST(? AS date)
  AND ended_at <= date_add('minute', -30, running_day.local_time)
GROUP BY source_menu, device, has_order
ORDER BY source_menu, device, has_order
