-- Which dishes are gaining guests' favour, and which are losing it?
-- How to read it: the period is cut in two halves, and a dish's share of its menu's orders compared. Give an
-- even number of weeks. Shares are like for like, even when one half was busier.
-- Parameters: the first and the last day, in quotes: '2026-11-01', '2026-11-30'.
WITH days AS (
  SELECT source_menu, item, day, sum(orders) AS orders
  FROM item_performance
  WHERE day BETWEEN CAST(? AS date) AND CAST(? AS date)
  GROUP BY source_menu, item, day
),
halves AS (
  SELECT date_add('day', (date_diff('day', min(day), max(day)) + 1) / 2, min(day)) AS second_half
  FROM days
),
counted AS (
  SELECT
    source_menu,
    item,
    CAST(sum(CASE WHEN day < second_half THEN orders ELSE 0 END) AS double) AS before,
    CAST(sum(CASE WHEN day >= second_half THEN orders ELSE 0 END) AS double) AS after
  FROM days
  CROSS JOIN halves
  GROUP BY source_menu, item
),
shares AS (
  SELECT
    source_menu,
    item,
    before,
    after,
    before / nullif(sum(before) OVER (PARTITION BY source_menu), 0) AS share_before,
    after / nullif(sum(after) OVER (PARTITION BY source_menu), 0) AS share_after
  FROM counted
)
SELECT
  source_menu,
  item,
  CAST(before AS bigint) AS orders_before,
  CAST(after AS bigint) AS orders_after,
  round(share_before, 4) AS share_before,
  round(share_after, 4) AS share_after,
  round(share_after - share_before, 4) AS difference
FROM shares
WHERE before + after > 0
ORDER BY source_menu, difference DESC, item
