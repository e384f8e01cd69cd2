-- What is ordered together, in a period of your choice
-- How to read it: lift says how much more often a pair is ordered together than chance would have it, and
-- lift_at_least how much of that so many orders are evidence for; where it is above 1 the two belong together
-- and may be offered as one. Pairs in fewer than five orders are left out.
-- The view items_ordered_together says the same of all days. A business date lasts from 05:00 to 05:00.
-- Parameters: the first and the last day, in quotes: '2026-11-01', '2026-11-30'.
WITH dishes AS (
  SELECT DISTINCT source_menu, element_clicked, CAST(business_date AS varchar) || order_key AS order_key
  FROM order_lines
  WHERE business_date BETWEEN CAST(? AS date) AND CAST(? AS date)
),
dish_orders AS (
  SELECT source_menu, element_clicked, count(*) AS orders
  FROM dishes
  GROUP BY source_menu, element_clicked
),
menu_orders AS (
  SELECT source_menu, count(DISTINCT order_key) AS orders
  FROM dishes
  GROUP BY source_menu
),
pairs AS (
  SELECT
    a.source_menu,
    a.element_clicked AS dish,
    b.element_clicked AS other_dish,
    count(*) AS orders_together
  FROM dishes AS a
  JOIN dishes AS b
    ON b.source_menu = a.source_menu AND b.order_key = a.order_key AND b.element_clicked > a.element_clicked
  GROUP BY a.source_menu, a.element_clicked, b.element_clicked
  HAVING count(*) >= 5
)
SELECT
  pairs.source_menu,
  pairs.dish,
  pairs.other_dish,
  pairs.orders_together,
  round(CAST(pairs.orders_together AS double) / a.orders, 4) AS share_of_orders_of_dish,
  round(CAST(pairs.orders_together AS double) / b.orders, 4) AS share_of_orders_of_other_dish,
  round(
    CAST(pairs.orders_together AS double) * menu_orders.orders / (CAST(a.orders AS double) * b.orders), 2
  ) AS lift,
  round(
    power(sqrt(CAST(pairs.orders_together AS double)) - 0.98e0, 2e0) * menu_orders.orders
      / (CAST(a.orders AS double) * b.orders),
    2
  ) AS lift_at_least
FROM pairs
JOIN menu_orders ON menu_orders.source_menu = pairs.source_menu
JOIN dish_orders AS a ON a.source_menu = pairs.source_menu AND a.element_clicked = pairs.dish
JOIN dish_orders AS b ON b.source_menu = pairs.source_menu AND b.element_clicked = pairs.other_dish
ORDER BY lift_at_least DESC, orders_together DESC, dish, other_dish
LIMIT 50
