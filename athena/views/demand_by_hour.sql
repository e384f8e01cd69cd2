-- When should the kitchen be staffed?
-- One row is one hour of the week for one menu and currency: the average of all such hours of the menu's periods that
-- are over (hourly_demand), whatever their number.
--   source_menu       menu or restaurant
--   weekday           1 (Monday) to 7 (Sunday)
--   weekday_name      Monday to Sunday
--   hour              0 to 23, wall clock of the restaurant
--   hours             how many such hours the periods have: fewer of one that clocks left out
--   visits_per_hour   visits that begin in such an hour, each in the row of one currency: see visit_sales
--   orders_per_hour   orders of these visits in currency
--   revenue_per_hour  of these orders
--   currency          null where no order tells
CREATE OR REPLACE VIEW demand_by_hour AS
WITH totals AS (
  SELECT
    source_menu,
    weekday,
    hour,
    currency,
    count(DISTINCT day) AS hours,
    sum(visits) AS visits,
    sum(orders) AS orders,
    sum(revenue) AS revenue
  FROM hourly_demand
  GROUP BY source_menu, weekday, hour, currency
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
  CAST(revenue / hours AS decimal(15,3)) AS revenue_per_hour,
  currency
FROM totals
