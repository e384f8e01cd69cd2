-- Which dishes are gaining guests' favour, and which are losing it
-- How to read it: a menu's days are cut in two halves, and a dish's share of its menu's orders compared. Give
-- an even number of weeks. Shares are like for like, even when one half was busier. The running day is left
-- out.
-- Parameters: the first and the last day, in quotes: '2026-11-01', '2026-11-30'.
WITH days AS (
  SELECT source_menu, item, day, sum(orders) AS orders
  FROM item_performance
  WHERE day BETWEEN CAST(? AS date) AND CAST(? AS date) AND day < (SELECT day FROM running_day)
  GROUP BY source_menu, item, day
),
placed AS (
  SELECT
    *,
    date_diff('day', min(day) OVER (PARTITION BY source_menu), day) AS days_before,
    date_diff('day', day, max(day) OVER (PARTITION BY source_menu)) AS days_after
  FROM days
),
counted AS (
  SELECT
    source_menu,
    item,
    CAST(sum(CASE WHEN days_before <= days_after THEN orders ELSE 0 END) AS double) AS orders_before,
    CAST(sum(CASE WHEN days_before > days_after THEN orders ELSE 0 END) AS double) AS orders_after
  FROM placed
  GROUP BY source_menu, item
),
shares AS (
  SELECT
    source_menu,
    item,
    orders_before,
    orders_after,
    orders_before / nullif(sum(orders_before) OVER (PARTITION BY source_menu), 0) AS share_before,
    orders_after / nullif(sum(orders_after) OVER (PARTITION BY source_menu), 0) AS share_after
  FROM counted
)
SELECT
  source_menu,
  item,
  CAST(orders_before AS bigint) AS orders_before,
  CAST(orders_after AS bigint) AS orders_after,
  round(share_before, 4) AS share_before,
  round(share_after, 4) AS share_after,
  round(share_after - share_before, 4) AS difference
FROM shares
WHERE orders_before + orders_after > 0
ORDER BY source_menu, difference DESC, item
