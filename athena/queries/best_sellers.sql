-- Which dishes bring the money
-- How to read it: revenue_share is the dish's part of what its menu sold in the currency;
-- view_to_order_rate tells how many views it takes. A dish with a high rate and few views deserves a better
-- place on the menu.
-- Parameters: the first and the last day, in quotes: '2026-11-01', '2026-11-30'.
SELECT
  source_menu,
  item,
  category,
  sum(orders) AS orders,
  sum(quantity) AS quantity,
  sum(revenue) AS revenue,
  currency,
  round(
    CAST(sum(revenue) AS double)
      / nullif(CAST(sum(sum(revenue)) OVER (PARTITION BY source_menu, currency) AS double), 0),
    4
  ) AS revenue_share,
  round(CAST(sum(orders) AS double) / nullif(sum(views), 0), 4) AS view_to_order_rate
FROM item_performance
WHERE day BETWEEN CAST(? AS date) AND CAST(? AS date)
GROUP BY source_menu, item, category, currency
HAVING sum(orders) > 0
ORDER BY source_menu, currency, revenue DESC, item
