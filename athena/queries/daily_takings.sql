-- What did each business date bring
-- How to read it: one line for each day and menu, in the menu's currency. best_of_weekday is true on the best
-- such weekday of the period.
-- A business date lasts from 05:00 to 05:00.
-- Parameters: the first and the last day, in quotes: '2026-11-01', '2026-11-30'.
SELECT
  source_menu,
  business_date,
  day_of_week(business_date) AS weekday,
  count(*) AS orders,
  sum(quantity) AS quantity,
  sum(revenue) AS revenue,
  currency,
  sum(revenue) = max(sum(revenue)) OVER (PARTITION BY source_menu, currency, day_of_week(business_date))
    AS best_of_weekday
FROM orders
WHERE business_date BETWEEN CAST(? AS date) AND CAST(? AS date)
GROUP BY source_menu, business_date, currency
ORDER BY source_menu, business_date, currency
