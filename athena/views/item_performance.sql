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
--   sessions                   guests of the day (session_id, else visitor_id) who looked at it
--   median_time_spent_seconds  seconds that half of the views exceed
--   time_spent_seconds         seconds it was looked at, all views together
--   adds_to_cart               times it was put in the cart
--   orders                     orders that contain it
--   quantity                   pieces ordered
--   revenue                    what it brought, in currency
--   currency                   of its orders: one menu sells in one currency
--   view_to_order_rate         orders for each view, null without views; above 1 if ordered unseen
CREATE OR REPLACE VIEW item_performance AS
WITH repeated AS (
  -- The few events that were delivered more than once. Nearly all come once, and merging those too, as the view
  -- events does, would take most of the time.
  SELECT local_date, event_key, min(guest_key) AS guest_key
  FROM events_raw
  WHERE NOT is_bot
  GROUP BY local_date, event_key
  HAVING count(*) > 1
),
deliveries AS (
  SELECT
    events_raw.local_date AS day,
    source_menu,
    channel,
    element_clicked,
    category,
    event_type IN ('item_view', 'click') AS looked,
    event_type = 'add_to_cart' AS added,
    event_type = 'order' AS ordered,
    time_spent,
    coalesce(quantity, 1) AS pieces,
    revenue,
    currency,
    CASE WHEN event_type = 'order' THEN coalesce(order_id, CAST(events_raw.event_key AS varchar)) END AS order_key,
    -- The same guest each time, also where a repeat without session came from another address.
    coalesce(repeated.guest_key, events_raw.guest_key) AS guest_key,
    repeated.event_key IS NULL AS once,
    CASE WHEN repeated.event_key IS NOT NULL
      THEN ROW(repeated.event_key, event_type, time_spent, coalesce(quantity, 1), revenue)
    END AS delivery
  FROM events_raw
  LEFT JOIN repeated ON repeated.local_date = events_raw.local_date AND repeated.event_key = events_raw.event_key
  WHERE NOT is_bot AND event_type <> 'menu_view'
),
dishes AS (
  -- What came once is counted; of what came again, one delivery of each event is kept.
  SELECT
    day,
    source_menu,
    channel,
    element_clicked,
    min(category) AS category,
    count_if(looked AND once) AS views,
    count(DISTINCT CASE WHEN looked THEN guest_key END) AS sessions,
    array_agg(time_spent) FILTER (WHERE looked AND once AND time_spent IS NOT NULL) AS times,
    count_if(added AND once) AS adds_to_cart,
    count(DISTINCT order_key) AS orders,
    sum(pieces) FILTER (WHERE ordered AND once) AS quantity,
    sum(revenue) FILTER (WHERE once) AS revenue,
    min(currency) AS currency,
    coalesce(array_distinct(array_agg(delivery) FILTER (WHERE NOT once)), ARRAY[]) AS repeats
  FROM deliveries
  GROUP BY day, source_menu, channel, element_clicked
),
separated AS (
  SELECT
    *,
    filter(repeats, event -> event[2] IN ('item_view', 'click')) AS views_again,
    filter(repeats, event -> event[2] = 'add_to_cart') AS adds_again,
    filter(repeats, event -> event[2] = 'order') AS orders_again
  FROM dishes
),
merged AS (
  SELECT
    *,
    array_sort(
      coalesce(times, ARRAY[])
      || transform(filter(views_again, event -> event[3] IS NOT NULL), event -> event[3])
    ) AS all_times,
    reduce(orders_again, CAST(0 AS bigint), (total, event) -> total + event[4], total -> total) AS quantity_again,
    reduce(
      filter(repeats, event -> event[5] IS NOT NULL),
      CAST(0 AS decimal(38,2)), (total, event) -> total + event[5], total -> total
    ) AS revenue_again
  FROM separated
),
items AS (
  SELECT
    day,
    source_menu,
    channel,
    element_clicked,
    category,
    views + cardinality(views_again) AS views,
    sessions,
    all_times,
    greatest(1, (cardinality(all_times) + 1) / 2) AS middle,
    adds_to_cart + cardinality(adds_again) AS adds_to_cart,
    orders,
    coalesce(quantity, 0) + quantity_again AS quantity,
    coalesce(revenue, CAST(0 AS decimal(14,2))) + revenue_again AS revenue,
    currency
  FROM merged
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
  sessions,
  element_at(all_times, middle) AS median_time_spent_seconds,
  reduce(all_times, 0e0, (total, seconds) -> total + seconds, total -> total) AS time_spent_seconds,
  adds_to_cart,
  orders,
  quantity,
  revenue,
  currency,
  CAST(orders AS double) / nullif(views, 0) AS view_to_order_rate
FROM items
LEFT JOIN menu_items
  ON menu_items.element = element_clicked AND menu_items.source_menu IN (items.source_menu, '')
