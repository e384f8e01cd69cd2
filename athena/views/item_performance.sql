-- Which dishes are looked at, and which of them are ordered?
-- One row is one dish of one menu on one business date in one channel, ordered in one currency. All but orders,
-- quantity and revenue count in the row of the first currency in the alphabet; a dish without orders that day has the
-- one in which its menu has most orders that day.
--   day                        business date: it ends at 05:00, so that an evening is whole, and an order line that is
--                              reported again after midnight counts once
--   source_menu                menu or restaurant
--   channel                    web, app, kiosk, qr or till, if the sender tells
--   element_clicked            the dish, as the page names it
--   item                       its name in menu_items, else element_clicked
--   category                   part of the menu: that of menu_items, else what an event of the day names
--   price                      its price today in menu_items, if it is there
--   views                      times it was looked at (item views and clicks)
--   viewers                    guests of the day (session_id, else visitor_id) who looked at it
--   median_time_spent_seconds  seconds that half of the views exceed; on large numbers approximate
--   time_spent_seconds         seconds it was looked at, all views together
--   adds_to_cart               times it was put in the cart
--   orders                     orders in currency that contain it
--   quantity                   pieces ordered in currency
--   revenue                    what it brought, in currency
--   currency                   of its orders: see order_lines; null where no order of the day tells
--   view_to_order_rate         orders in currency for each view, null without views; above 1 if ordered unseen
CREATE OR REPLACE VIEW item_performance AS
WITH by_order AS (
  -- A row for each order and the currency that its lines name; in a row of its own what is no order.
  SELECT
    business_date AS day,
    source_menu,
    channel,
    element_clicked,
    CASE WHEN event_type = 'order' THEN coalesce(order_id, CAST(event_key AS varchar)) END AS order_key,
    CASE WHEN event_type = 'order' THEN currency END AS order_currency,
    min(category) AS category,
    count_if(event_type IN ('item_view', 'click')) AS views,
    count(DISTINCT CASE WHEN event_type IN ('item_view', 'click') THEN visit_key END) AS viewers,
    approx_percentile(time_spent, 0.5) FILTER (WHERE event_type IN ('item_view', 'click')) AS median_time_spent_seconds,
    coalesce(sum(CASE WHEN event_type IN ('item_view', 'click') THEN time_spent END), 0e0) AS time_spent_seconds,
    count_if(event_type = 'add_to_cart') AS adds_to_cart,
    coalesce(sum(CASE WHEN event_type = 'order' THEN coalesce(quantity, 1) END), 0) AS quantity,
    coalesce(sum(revenue), CAST(0 AS decimal(15,3))) AS revenue
  FROM events
  WHERE event_type <> 'menu_view'
  GROUP BY 1, 2, 3, 4, 5, 6
),
named AS (
  SELECT
    *,
    coalesce(order_currency, min(order_currency) OVER (PARTITION BY day, source_menu, order_key)) AS named_currency
  FROM by_order
),
counted AS (
  SELECT
    *,
    min(named_currency) OVER (PARTITION BY day, source_menu, channel, element_clicked) AS first_currency,
    count(order_key) OVER (PARTITION BY day, source_menu, channel, element_clicked) AS orders_of_dish,
    count(order_key) OVER (PARTITION BY day, source_menu, named_currency) AS orders_in_currency
  FROM named
),
usual AS (
  SELECT
    *,
    first_value(named_currency) OVER (
      PARTITION BY day, source_menu
      ORDER BY CASE WHEN named_currency IS NULL THEN 1 ELSE 0 END, orders_in_currency DESC, named_currency
    ) AS usual_currency
  FROM counted
),
items AS (
  SELECT
    day,
    source_menu,
    channel,
    element_clicked,
    min(category) AS category,
    sum(views) AS views,
    sum(viewers) AS viewers,
    max(median_time_spent_seconds) AS median_time_spent_seconds,
    sum(time_spent_seconds) AS time_spent_seconds,
    sum(adds_to_cart) AS adds_to_cart,
    count(DISTINCT order_key) AS orders,
    sum(quantity) AS quantity,
    sum(revenue) AS revenue,
    CASE
      WHEN order_key IS NOT NULL THEN named_currency WHEN orders_of_dish > 0 THEN first_currency ELSE usual_currency
    END AS currency
  FROM usual
  GROUP BY 1, 2, 3, 4, 14
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
