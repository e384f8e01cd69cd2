-- What did each business date bring
-- How to read it: one line for each day and menu, in the menu's currency. best_of_weekday is true on the best
-- such weekday of the period, and empty for the running day, which is compared with none.
-- A business date lasts from 05:00 to 05:00.
-- Parameters: the first and the last day, in quotes: '2026-11-01', '2026-11-30'.
WITH days AS (
  SELECT
    source_menu,
    business_date,
    day_of_week(business_date) AS weekday,
    count(*) AS orders,
    sum(quantity) AS quantity,
    sum(revenue) AS revenue,
    currency
  FROM orders
  WHERE business_date BETWEEN CAST(? AS date) AND CAST(? AS date)
  GROUP BY source_menu, business_date, currency
),
compared AS (
  SELECT
    days.*,
    CASE WHEN days.business_date < running_day.business_date THEN days.revenue END AS revenue_of_whole_day
  FROM days
  CROSS JOIN running_day
)
SELECT
  source_menu,
  business_date,
  weekday,
  orders,
  quantity,
  revenue,
  currency,
  revenue_of_whole_day = max(revenue_of_whole_day) OVER (PARTITION BY source_menu, currency, weekday)
    AS best_of_weekday
FROM compared
ORDER BY source_menu, business_date, currency
