-- When should the kitchen be staffed?
-- One row is one hour of the week for one menu: the average of all such hours in the menu's periods (hourly_demand),
-- whatever their number.
--   source_menu       menu or restaurant
--   weekday           1 (Monday) to 7 (Sunday)
--   weekday_name      Monday to Sunday
--   hour              0 to 23, wall clock of the restaurant
--   hours             how many such hours the period has: fewer of one that clocks left out
--   visits_per_hour   visits that begin in such an hour
--   orders_per_hour   orders of these visits
--   revenue_per_hour  of these orders, in the menu's currency
CREATE OR REPLACE VIEW demand_by_hour AS
WITH totals AS (
  SELECT
    source_menu,
    weekday,
    hour,
    count(DISTINCT day) AS hours,
    sum(visits) AS visits,
    sum(orders) AS orders,
    sum(revenue) AS revenue
  FROM hourly_demand
  GROUP BY source_menu, weekday, hour
)
SELECT
  source_menu,
  weekday,
  CASE weekday
    WHEN 1 THEN 'Monday' WHEN 2 THEN 'Tuesday' WHEN 3 THEN 'Wednesday' WHEN 4 THEN 'Thursday'
    WHEN 5 THEN 'Friday' WHEN 6 THEN 'Saturday' ELSE 'Sunday'
  END AS weekday_name,
  hour,
  hours,
  CAST(visits AS double) / hours AS visits_per_hour,
  CAST(orders AS double) / hours AS orders_per_hour,
  CAST(revenue / hours AS decimal(15,3)) AS revenue_per_hour
FROM totals
