-- Is this week better than the last, like for like?
-- One row is one complete week of one menu, Monday to Sunday, weeks without visits included: from the first Monday on
-- which the menu has visits behind it to the last Sunday that is over. So each week has the same weekdays.
--   source_menu       menu or restaurant
--   week_start        its Monday
--   visits            visits that began in it
--   orders            orders of these visits
--   revenue           in the menu's currency
--   previous_visits, previous_orders, previous_revenue  of the week before, null in the first
--   visits_change, orders_change, revenue_change        share by which it is more (or, below 0, less) than the week
--                     before, null if that had none
CREATE OR REPLACE VIEW week_over_week AS
WITH counts AS (
  SELECT
    source_menu,
    date_trunc('week', day) AS week_start,
    min(day) AS first_day,
    count(*) AS visits,
    sum(orders) AS orders,
    sum(revenue) AS revenue
  FROM sessions
  GROUP BY source_menu, date_trunc('week', day)
),
by_menu AS (
  -- One row for each menu, with what was counted by week: so the table is read once.
  SELECT
    source_menu,
    -- The Monday on or after the first day, and the week of the last day, if it is over.
    date_trunc('week', date_add('day', 6, min(first_day))) AS first_week,
    least(
      max(max(week_start)) OVER (),
      date_add('day', -7, date_trunc('week', CAST(now() AT TIME ZONE '${time_zone}' AS date)))
    ) AS last_week,
    map_agg(week_start, visits) AS visits,
    map_agg(week_start, orders) AS orders,
    map_agg(week_start, revenue) AS revenue
  FROM counts
  GROUP BY source_menu
),
periods AS (
  SELECT *, sequence(first_week, greatest(first_week, last_week), INTERVAL '7' DAY) AS week_starts FROM by_menu
),
totals AS (
  SELECT
    source_menu,
    week_start,
    coalesce(element_at(visits, week_start), 0) AS visits,
    coalesce(element_at(orders, week_start), 0) AS orders,
    coalesce(element_at(revenue, week_start), CAST(0 AS decimal(15,3))) AS revenue
  FROM periods
  CROSS JOIN UNNEST(week_starts) AS weeks (week_start)
  WHERE week_start <= last_week
),
compared AS (
  SELECT
    *,
    lag(visits) OVER (PARTITION BY source_menu ORDER BY week_start) AS previous_visits,
    lag(orders) OVER (PARTITION BY source_menu ORDER BY week_start) AS previous_orders,
    lag(revenue) OVER (PARTITION BY source_menu ORDER BY week_start) AS previous_revenue
  FROM totals
)
SELECT
  source_menu,
  week_start,
  visits,
  orders,
  revenue,
  previous_visits,
  previous_orders,
  previous_revenue,
  CAST(visits - previous_visits AS double) / nullif(previous_visits, 0) AS visits_change,
  CAST(orders - previous_orders AS double) / nullif(previous_orders, 0) AS orders_change,
  CAST(revenue - previous_revenue AS double) / CAST(nullif(previous_revenue, DECIMAL '0.000') AS double)
    AS revenue_change
FROM compared
