-- How many visits get from the menu to an order, and where do they stop
-- How to read it: each count holds the visits that came through the ones before. The lowest of the three
-- rates is the step to work on. Visits that never opened the menu are left out.
-- A business date lasts from 05:00 to 05:00.
-- Parameters: the first and the last day, in quotes: '2026-11-01', '2026-11-30'.
SELECT
  source_menu,
  channel,
  count_if(furthest_stage >= 1) AS menu_views,
  count_if(furthest_stage >= 2) AS item_views,
  count_if(furthest_stage >= 3) AS carts,
  count_if(furthest_stage >= 4) AS orders,
  round(
    CAST(count_if(furthest_stage >= 2) AS double) / nullif(count_if(furthest_stage >= 1), 0), 4
  ) AS menu_to_item_rate,
  round(
    CAST(count_if(furthest_stage >= 3) AS double) / nullif(count_if(furthest_stage >= 2), 0), 4
  ) AS item_to_cart_rate,
  round(
    CAST(count_if(furthest_stage >= 4) AS double) / nullif(count_if(furthest_stage >= 3), 0), 4
  ) AS cart_to_order_rate
FROM visits
WHERE business_date BETWEEN CAST(? AS date) AND CAST(? AS date)
GROUP BY source_menu, channel
ORDER BY source_menu, channel
