-- How large are orders, by channel
-- How to read it: one line for each menu, channel and currency. Where orders have few dishes, offer a side or
-- a drink before the order is sent.
-- A business date lasts from 05:00 to 05:00.
-- Parameters: the first and the last day, in quotes: '2026-11-01', '2026-11-30'.
SELECT
  source_menu,
  channel,
  count(*) AS orders,
  round(avg(CAST(dishes AS double)), 2) AS dishes_an_order,
  round(avg(CAST(quantity AS double)), 2) AS pieces_an_order,
  round(avg(CAST(revenue AS double)), 3) AS average_order_value,
  approx_percentile(CAST(revenue AS double), 0.5) AS median_order_value,
  max(revenue) AS largest_order,
  currency
FROM orders
WHERE business_date BETWEEN CAST(? AS date) AND CAST(? AS date)
GROUP BY source_menu, channel, currency
ORDER BY source_menu, channel, currency
