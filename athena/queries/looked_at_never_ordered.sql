-- Which dishes are looked at long and never ordered
-- How to read it: the first rows hold most of the guests' attention and bring nothing. Look at the price, the
-- photo and the wording of these dishes. Dishes that fewer than five guests looked at are left out.
-- Parameters: the first and the last day, in quotes: '2026-11-01', '2026-11-30'.
SELECT
  source_menu,
  item,
  category,
  max(price) AS price,
  sum(viewers) AS viewers,
  sum(views) AS views,
  round(sum(time_spent_seconds) / 60, 1) AS minutes_looked_at,
  round(sum(time_spent_seconds) / nullif(sum(views), 0), 1) AS seconds_a_view
FROM item_performance
WHERE day BETWEEN CAST(? AS date) AND CAST(? AS date)
GROUP BY source_menu, item, category
HAVING sum(orders) = 0 AND sum(viewers) >= 5
ORDER BY minutes_looked_at DESC, source_menu, item
