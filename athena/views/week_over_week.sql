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
WITH days AS (
  SELECT source_menu, day, count(*) AS visits, sum(orders) AS orders, sum(revenue) AS revenue
  FROM sessions
  GROUP BY source_menu, day
),
periods AS (
  SELECT
    source_menu,
    -- The Monday on or after the first day, and the week of the last day, if it is over.
    date_trunc('week', date_add('day', 6, min(day))) AS first_week,
    least(
      date_trunc('week', max(max(day)) OVER ()),
      date_add('day', -7, date_trunc('week', CAST(now() AT TIME ZONE '${time_zone}' AS date)))
    ) AS last_week
  FROM days
  GROUP BY source_menu
),
weeks AS (
  SELECT source_menu, week_start
  FROM periods
  CROSS JOIN UNNEST(sequence(first_week, greatest(first_week, last_week), INTERVAL '7' DAY)) AS weeks (week_start)
  WHERE week_start <= last_week
),
totals AS (
  SELECT
    weeks.source_menu,
    week_start,
    coalesce(sum(visits), 0) AS visits,
    coalesce(sum(orders), 0) AS orders,
    coalesce(sum(revenue), CAST(0 AS decimal(14,2))) AS revenue
  FROM weeks
  LEFT JOIN days ON days.source_menu = weeks.source_menu AND date_trunc('week', day) = week_start
  GROUP BY weeks.source_menu, week_start
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
  CAST(revenue - previous_revenue AS double) / CAST(nullif(previous_revenue, DECIMAL '0.00') AS double)
    AS revenue_change
FROM compared
