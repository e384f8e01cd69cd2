-- Is this week better than the last, like for like?
-- One row is one complete week of one menu in one currency, Monday to Sunday, weeks without visits included. Its whole
-- Monday, or that of one of the two weeks before, lies in a period of the menu (see hourly_demand): so each week has
-- the same hours, a menu that stops having visits shows it, and a stray event has no row. The last week is the last
-- that is over, and in which any menu has visits.
--   source_menu       menu or restaurant
--   week_start        its Monday
--   visits            visits that began in it, each in the row of one currency: see visit_sales
--   orders            orders of these visits in currency
--   revenue           of these orders
--   currency          null where no order tells
--   previous_visits, previous_orders, previous_revenue  of the week before, null if that has no row
--   visits_change, orders_change, revenue_change        share by which it is more (or, below 0, less) than the week
--                     before, null if that had none
CREATE OR REPLACE VIEW week_over_week AS
WITH days AS (
  -- Each day counts in its own week, and with nothing in the two weeks after it.
  SELECT
    source_menu,
    currency,
    date_add('day', 7 * weeks_later, day) AS day,
    hour,
    CASE weeks_later WHEN 0 THEN visits ELSE 0 END AS visits,
    CASE weeks_later WHEN 0 THEN orders ELSE 0 END AS orders,
    CASE weeks_later WHEN 0 THEN revenue ELSE decimal '0.000' END AS revenue,
    least(
      max(date_trunc('week', day)) OVER (),
      date_add('day', -7, date_trunc('week', CAST(now() AT TIME ZONE '${time_zone}' AS date)))
    ) AS last_week
  FROM hourly_demand
  CROSS JOIN UNNEST(ARRAY[0, 1, 2]) AS numbers (weeks_later)
),
weeks AS (
  SELECT
    source_menu,
    currency,
    date_trunc('week', day) AS week_start,
    sum(visits) AS visits,
    sum(orders) AS orders,
    sum(revenue) AS revenue
  FROM days
  GROUP BY source_menu, currency, date_trunc('week', day), last_week
  HAVING
    min(date_add('hour', hour, CAST(day AS timestamp))) = date_trunc('week', day)
    AND date_trunc('week', day) <= last_week
),
runs AS (
  -- Weeks that follow one another have the same run: the week before a gap is not the week before.
  SELECT
    *,
    date_add('day', -7 * row_number() OVER (PARTITION BY source_menu, currency ORDER BY week_start), week_start) AS run
  FROM weeks
),
compared AS (
  SELECT
    *,
    lag(visits) OVER (PARTITION BY source_menu, currency, run ORDER BY week_start) AS previous_visits,
    lag(orders) OVER (PARTITION BY source_menu, currency, run ORDER BY week_start) AS previous_orders,
    lag(revenue) OVER (PARTITION BY source_menu, currency, run ORDER BY week_start) AS previous_revenue
  FROM runs
)
SELECT
  source_menu,
  week_start,
  visits,
  orders,
  revenue,
  currency,
  previous_visits,
  previous_orders,
  previous_revenue,
  CAST(visits - previous_visits AS double) / nullif(previous_visits, 0) AS visits_change,
  CAST(orders - previous_orders AS double) / nullif(previous_orders, 0) AS orders_change,
  CAST(revenue - previous_revenue AS double) / CAST(nullif(previous_revenue, decimal '0.000') AS double)
    AS revenue_change
FROM compared
