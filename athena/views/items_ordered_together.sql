-- Which dishes are ordered together more often than chance has it?
-- One row is a pair of dishes of one menu that at least 3 orders of the whole period contain; element_a comes
-- before element_b in the alphabet.
--   source_menu          menu or restaurant
--   element_a, item_a    a dish, as the page names it, and its name in menu_items (else as the page names it)
--   element_b, item_b    the other
--   orders_together      orders with both
--   orders_a, orders_b   orders with the one, with the other
--   orders_total         orders of the menu
--   support              share of all orders that have both
--   confidence_a_to_b    share of the orders with a that have b too
--   confidence_b_to_a    share of the orders with b that have a too
--   lift                 how many times as often together as if guests chose each by itself; 1 is chance
--   lift_at_least        the lower bound of lift that so many orders are evidence for: above it in 97.5 of 100 cases,
--                        if orders_together is counted by chance (Poisson; (sqrt(n) - 0.98)^2 is its lower bound)
CREATE OR REPLACE VIEW items_ordered_together AS
WITH baskets AS (
  SELECT
    source_menu,
    array_agg(DISTINCT element_clicked) AS elements
  FROM order_lines
  GROUP BY business_date, source_menu, order_key
),
counted AS (
  SELECT *, count(*) OVER (PARTITION BY source_menu) AS orders_total FROM baskets
),
pairs AS (
  -- With each dish beside itself, whose count is that of its orders.
  SELECT source_menu, orders_total, element_a, element_b, count(*) AS orders_together
  FROM counted
  CROSS JOIN UNNEST(elements) AS a (element_a)
  CROSS JOIN UNNEST(elements) AS b (element_b)
  WHERE element_a <= element_b
  GROUP BY source_menu, orders_total, element_a, element_b
),
rated AS (
  SELECT
    *,
    max(CASE WHEN element_a = element_b THEN orders_together END) OVER (PARTITION BY source_menu, element_a)
      AS orders_a,
    max(CASE WHEN element_a = element_b THEN orders_together END) OVER (PARTITION BY source_menu, element_b)
      AS orders_b
  FROM pairs
)
SELECT
  rated.source_menu,
  element_a,
  coalesce(names_a.display_name, element_a) AS item_a,
  element_b,
  coalesce(names_b.display_name, element_b) AS item_b,
  orders_together,
  orders_a,
  orders_b,
  orders_total,
  CAST(orders_together AS double) / orders_total AS support,
  CAST(orders_together AS double) / orders_a AS confidence_a_to_b,
  CAST(orders_together AS double) / orders_b AS confidence_b_to_a,
  CAST(orders_together AS double) * orders_total / orders_a / orders_b AS lift,
  power(sqrt(CAST(orders_together AS double)) - 0.98e0, 2e0) * orders_total / orders_a / orders_b AS lift_at_least
FROM rated
LEFT JOIN menu_items AS names_a
  ON names_a.element = element_a AND coalesce(names_a.source_menu, rated.source_menu) = rated.source_menu
LEFT JOIN menu_items AS names_b
  ON names_b.element = element_b AND coalesce(names_b.source_menu, rated.source_menu) = rated.source_menu
WHERE element_a <> element_b AND orders_together >= 3
