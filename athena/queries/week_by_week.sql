-- Is it getting better, week by week
-- How to read it: a change is the rate against the week before, null for the first. Weeks begin on Monday;
-- give a Monday first and a Sunday last, since days tells how many days of a week had visits.
-- A business date lasts from 05:00 to 05:00.
-- Parameters: the first and the last day, in quotes: '2026-11-01', '2026-11-30'.
WITH weeks AS (
  SELECT
    source_menu,
    date_trunc('week', business_date) AS week_start,
    count(DISTINCT business_date) AS days,
    count(*) AS visits,
    sum(orders) AS orders,
    sum(revenue) AS revenue
  FROM visits
  WHERE business_date BETWEEN CAST(? AS date) AND CAST(? AS date)
  GROUP BY source_menu, date_trunc('week', business_date)
)
SELECT
  source_menu,
  week_start,
  days,
  visits,
  orders,
  revenue,
  round(
    CAST(visits AS double) / nullif(lag(visits) OVER (PARTITION BY source_menu ORDER BY week_start), 0) - 1, 4
  ) AS visits_change,
  round(
    CAST(orders AS double) / nullif(lag(orders) OVER (PARTITION BY source_menu ORDER BY week_start), 0) - 1, 4
  ) AS orders_change,
  round(
    CAST(revenue AS double)
      / nullif(CAST(lag(revenue) OVER (PARTITION BY source_menu ORDER BY week_start) AS double), 0) - 1,
    4
  ) AS revenue_change
FROM weeks
ORDER BY source_menu, week_start
