-- Which dishes are looked at, and which of them are ordered?
-- One row is one dish of one menu on one local day.
--   day                 date, wall clock of the restaurant
--   source_menu         menu or restaurant
--   element_clicked     the dish
--   category            part of the menu, if any event of the day names it
--   views               times it was looked at (item views and clicks)
--   sessions            visits in which it was looked at
--   time_spent_seconds  seconds it was looked at, all views together
--   adds_to_cart        times it was put in the cart
--   orders              orders that contain it
--   quantity            pieces ordered
--   revenue             what it brought, in currency
--   currency            of its orders: one menu sells in one currency
--   view_to_order_rate  orders for each view, null without views
CREATE OR REPLACE VIEW item_performance AS
SELECT
  CAST(local_time AS date) AS day,
  source_menu,
  element_clicked,
  max(category) AS category,
  count_if(event_type IN ('item_view', 'click')) AS views,
  count(DISTINCT CASE WHEN event_type IN ('item_view', 'click') THEN coalesce(session_id, visitor_id) END)
    AS sessions,
  coalesce(sum(CASE WHEN event_type IN ('item_view', 'click') THEN time_spent END), 0.0)
    AS time_spent_seconds,
  count_if(event_type = 'add_to_cart') AS adds_to_cart,
  count(DISTINCT CASE WHEN event_type = 'order' THEN coalesce(order_id, event_id) END) AS orders,
  coalesce(sum(CASE WHEN event_type = 'order' THEN coalesce(quantity, 1) END), 0) AS quantity,
  coalesce(sum(revenue), CAST(0 AS decimal(14,2))) AS revenue,
  max(currency) AS currency,
  CAST(count(DISTINCT CASE WHEN event_type = 'order' THEN coalesce(order_id, event_id) END) AS double)
    / nullif(count_if(event_type IN ('item_view', 'click')), 0) AS view_to_order_rate
FROM events
WHERE event_type <> 'menu_view'
GROUP BY CAST(local_time AS date), source_menu, element_clicked
