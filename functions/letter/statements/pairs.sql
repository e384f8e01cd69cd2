-- The pairs for which the orders are evidence that guests want them together, the strongest first.
SELECT source_menu, item_a, item_b, orders_together, lift
FROM items_ordered_together
WHERE lift_at_least > 1
ORDER BY lift_at_least DESC, orders_together DESC, source_menu, item_a, item_b
LIMIT 3
