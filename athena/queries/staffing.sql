-- When should the kitchen be staffed
-- How to read it: what one such hour brings on average, and on its busiest day. Give whole weeks, four or
-- more, so that each weekday counts alike; hours without an order are in the average as zero.
-- Parameters: the first and the last day, in quotes: '2026-11-01', '2026-11-30'.
SELECT
  source_menu,
  weekday,
  hour,
  count(*) AS such_hours,
  round(avg(CAST(visits AS double)), 1) AS visits_an_hour,
  round(avg(CAST(orders AS double)), 1) AS orders_an_hour,
  max(orders) AS most_orders
FROM (
  SELECT source_menu, weekday, hour, day, sum(visits) AS visits, sum(orders) AS orders
  FROM hourly_demand
  WHERE day BETWEEN CAST(? AS date) AND CAST(? AS date)
  GROUP BY source_menu, weekday, hour, day
)
GROUP BY source_menu, weekday, hour
HAVING sum(visits) > 0
ORDER BY source_menu, weekday, hour
