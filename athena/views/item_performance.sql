-- Which dishes are looked at, and which of them are ordered?
-- One row is one dish of one menu on one local day in one channel.
--   day                        date, wall clock of the restaurant
--   source_menu                menu or restaurant
--   channel                    web, app, kiosk or qr, if the page tells
--   element_clicked            the dish, as the page names it
--   item                       its name in menu_items, else element_clicked
--   category                   part of the menu: that of menu_items, else what an event of the day names
--   price                      its price today in menu_items, if it is there
--   views                      times it was looked at (item views and clicks)
--   viewers                    guests of the day (session_id, else visitor_id) who looked at it
--   median_time_spent_seconds  seconds that half of the views exceed; on large numbers approximate
--   time_spent_seconds         seconds it was looked at, all views together
--   adds_to_cart               times it was put in the cart
--   orders                     orders that contain it
--   quantity                   pieces ordered
--   revenue                    what it brought, in currency
--   currency                   of its orders: one menu sells in one currency
--   view_to_order_rate         orders for each view, null without views; above 1 if ordered unseen
CREATE OR REPLACE VIEW item_performance AS
WITH items AS (
  SELECT
    local_date AS day,
    source_menu,
    channel,
    element_clicked,
    min(category) AS category,
    count_if(event_type IN ('item_view', 'click')) AS views,
    count(DISTINCT CASE WHEN event_type IN ('item_view', 'click') THEN visit_key END) AS viewers,
    approx_percentile(time_spent, 0.5) FILTER (WHERE event_type IN ('item_view', 'click')) AS median_time_spent_seconds,
    coalesce(sum(CASE WHEN event_type IN ('item_view', 'click') THEN time_spent END), 0e0) AS time_spent_seconds,
    count_if(event_type = 'add_to_cart') AS adds_to_cart,
    count(DISTINCT CASE WHEN event_type = 'order' THEN coalesce(order_id, CAST(event_key AS varchar)) END) AS orders,
    coalesce(sum(CASE WHEN event_type = 'order' THEN coalesce(quantity, 1) END), 0) AS quantity,
    coalesce(sum(revenue), CAST(0 AS decimal(15,3))) AS revenue,
    min(currency) AS currency
  FROM events
  WHERE event_type <> 'menu_view'
  GROUP BY local_date, source_menu, channel, element_clicked
)
SELECT
  day,
  items.source_menu,
  channel,
  element_clicked,
  coalesce(display_name, element_clicked) AS item,
  coalesce(menu_items.category, items.category) AS category,
  price,
  views,
  viewers,
  median_time_spent_seconds,
  time_spent_seconds,
  adds_to_cart,
  orders,
  quantity,
  revenue,
  currency,
  CAST(orders AS double) / nullif(views, 0) AS view_to_order_rate
FROM items
LEFT JOIN menu_items
  ON menu_items.element = element_clicked AND coalesce(menu_items.source_menu, items.source_menu) = items.source_menu
