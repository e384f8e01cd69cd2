-- What did each day bring?
-- How to read it: one line for each day and menu, in the menu's currency. best_weekday is true on the best
-- day of its weekday in the period.
-- Parameters: the first and the last day, in quotes: '2026-11-01', '2026-11-30'.
SELECT
  source_menu,
  day,
  day_of_week(day) AS weekday,
  count(*) AS orders,
  sum(quantity) AS quantity,
  sum(revenue) AS revenue,
  currency,
  sum(revenue) = max(sum(revenue)) OVER (PARTITION BY source_menu, currency, day_of_week(day)) AS best_weekday
FROM orders
WHERE day BETWEEN CAST(? AS date) AND CAST(? AS date)
GROUP BY source_menu, day, currency
ORDER BY source_menu, day
