-- Which menu, channel and device sells
-- How to read it: conversion_rate is the share of visits that order, average_order_value what an order
-- brings. Many visits with a low rate are the cheapest thing to improve.
-- A business date lasts from 05:00 to 05:00.
-- Parameters: the first and the last day, in quotes: '2026-11-01', '2026-11-30'.
SELECT
  source_menu,
  channel,
  device,
  sum(visits) AS visits,
  sum(orders) AS orders,
  sum(revenue) AS revenue,
  currency,
  round(CAST(sum(visits_with_order) AS double) / nullif(sum(visits), 0), 4) AS conversion_rate,
  round(CAST(sum(revenue) AS double) / nullif(sum(orders), 0), 3) AS average_order_value
FROM visit_sales
WHERE business_date BETWEEN CAST(? AS date) AND CAST(? AS date)
GROUP BY source_menu, channel, device, currency
ORDER BY source_menu, currency, revenue DESC, channel, device
