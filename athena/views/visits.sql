-- How do visits go: where do they begin and end, how long are they, and do they end in an order?
-- One row is one visit: what one guest does on one menu on one business date. A guest is a session_id; without
-- one a visitor_id, whose visits are cut where nothing happens for more than 30 minutes. Without either, as of a till
-- or in a history, nobody knows who it was, and there is no visit. A business date ends at 05:00, so visits over
-- midnight are whole.
--   visit_id            its session_id, or the visitor_id and a number; one of its kind within day and menu
--   visitor_id          one visitor of one day
--   business_date       day that ends at 05:00. Filter on it besides `day`, from a day earlier on, to read only
--                       those days
--   day                 date of its start, wall clock of the restaurant
--   source_menu         menu or restaurant
--   channel, device     of its first event; the channel, of the first that tells one
--   utm_source, utm_medium, utm_campaign, table_number, referrer_host, language, country
--                       of the first of its events that has any of them: where its guest comes from
--   started_at          time of its first event, wall clock
--   ended_at            time of its last event, wall clock
--   duration_seconds    from the first event to the last: the time that passes, also when clocks change
--   entry_element, exit_element  element of the first and of the last event; if several happen at once, of any one of
--                       them, but always the same
--   items_viewed        different dishes looked at (item views and clicks)
--   items_added         pieces put in the cart
--   has_order           whether it reports a line of an order first; if the order began in another visit, `orders` is 0
--   orders              orders that begin in it, whatever their currencies. An order counts whole in one visit: that
--                       which reports its first line, also with lines that other visits or a till report
--   quantity            pieces of these orders
--   revenue             what it brought in currency, and in no other
--   currency            of its orders; if they are in several, the first in the alphabet. Null if no order tells
--   sales               orders, quantity and revenue by currency ('' if no order tells), null without orders. So
--                       sums by currency take each of its keys, as menu_comparison does
--   furthest_stage      how far it came: 1 saw the menu, 2 then a dish, 3 then added one, 4 then ordered; 0 if it
--                       did not see the menu. Each step counts at or after the time by which all before were done.
-- An example of five events on one menu and business date. A visit_key from 0 on is a session_id, below 0 a visitor_id:
--   time   event_key  visit_key  part  gap     gaps_before  visit
--   18:00  101        7          7             0            1, of the session_id
--   19:30  102        7          7             0            1: a session_id is one part, which has no gaps
--   18:00  103        -5         -104          0            2, of the visitor_id
--   18:20  104        -5         -105  20 min  0            2
--   19:00  105        -5         -106  40 min  1            3, of the same visitor_id
-- `parts` makes one row of the first two events and of their repeats; gaps are between parts. `merged` makes visits of
-- parts: so its aggregates take a part's, and what is different is counted anew. One step for both would sort all
-- events for their gaps, which takes more than twice the time. An order line is a part of its own; `merged` has a
-- row for each visit and currency, of which `whole` makes one for each visit.
CREATE OR REPLACE VIEW visits AS
WITH moments AS (
  SELECT
    *,
    -- The order of events: by milliseconds, and of those at the same time by their keys, so that it is always the same.
    CAST(business_ms AS bigint) * 1000000 + event_key % 1000000 AS moment,
    -- What is one row in parts: from 0 on a session_id, below 0 an event without one.
    CASE WHEN visit_key >= 0 THEN visit_key ELSE -1 - event_key END AS part,
    CASE WHEN event_type IN ('item_view', 'click') THEN element_clicked END AS dish,
    CASE
      WHEN coalesce(utm_source, utm_medium, utm_campaign, table_number, referrer_host, language, country) IS NOT NULL
        THEN CAST(
          ROW(utm_source, utm_medium, utm_campaign, table_number, referrer_host, language, country)
          AS row(utm_source varchar, utm_medium varchar, utm_campaign varchar, table_number varchar,
            referrer_host varchar, language varchar, country varchar)
        )
    END AS origin,
    CASE WHEN event_type = 'order' THEN event_key END AS line,
    CAST(ROW(event_key, coalesce(quantity, 1)) AS row(event_key bigint, quantity bigint)) AS event_quantity
  FROM events_raw
  -- What a till reports of an order of which a visit reports a line too is counted there, and makes no visit.
  WHERE NOT is_bot AND (visit_key IS NOT NULL OR event_type = 'order')
),
parts AS (
  -- All deliveries of a session_id in one row, but of each of its order lines in one of its own; without a session_id,
  -- those of each event, until the gaps are known. What is smallest, largest or different stays so however often an
  -- event was delivered; for sums, repeats are taken out.
  SELECT
    business_date,
    source_menu,
    part,
    line,
    min(visit_key) AS visit_key,
    min(session_id) AS session_id,
    min(visitor_id) AS visitor_id,
    min_by(channel, moment) FILTER (WHERE channel IS NOT NULL) AS channel,
    min_by(device, moment) AS device,
    min_by(origin, moment) FILTER (WHERE origin IS NOT NULL) AS origin,
    min(CASE WHEN origin IS NOT NULL THEN moment END) AS origin_moment,
    min(business_ms) AS first_ms,
    max(business_ms) AS last_ms,
    min(moment) AS first_moment,
    max(moment) AS last_moment,
    min_by(element_clicked, moment) AS entry_element,
    max_by(element_clicked, moment) AS exit_element,
    count(DISTINCT dish) AS items_viewed,
    reduce(
      array_distinct(array_agg(event_quantity) FILTER (WHERE event_type = 'add_to_cart')),
      CAST(0 AS bigint), (total, event) -> total + event.quantity, total -> total
    ) AS items_added,
    CASE WHEN line IS NOT NULL THEN coalesce(min(order_id), CAST(line AS varchar)) END AS order_key,
    min(CASE WHEN line IS NOT NULL THEN coalesce(quantity, 1) END) AS quantity,
    min(CAST(revenue AS decimal(15,3))) AS revenue,
    min(CASE WHEN line IS NOT NULL THEN currency END) AS currency,
    min(CASE WHEN event_type = 'menu_view' THEN business_ms END) AS first_menu,
    min(CASE WHEN dish IS NOT NULL THEN business_ms END) AS first_item,
    max(CASE WHEN dish IS NOT NULL THEN business_ms END) AS last_item,
    min(CASE WHEN event_type = 'add_to_cart' THEN business_ms END) AS first_add,
    max(CASE WHEN event_type = 'add_to_cart' THEN business_ms END) AS last_add
  FROM moments
  GROUP BY 1, 2, 3, 4
),
gaps AS (
  SELECT
    *,
    CASE WHEN part < 0
      THEN first_ms - lag(first_ms) OVER (PARTITION BY business_date, source_menu, visit_key ORDER BY first_ms)
    END AS gap,
    -- Of an order line that several visits report, the first counts, with what is smallest in all reports.
    row_number() OVER (
      PARTITION BY business_date, source_menu, line
      ORDER BY CASE WHEN visit_key IS NULL THEN 1 ELSE 0 END, first_ms, visit_key
    ) AS report,
    min(quantity) OVER (PARTITION BY business_date, source_menu, line) AS line_quantity,
    min(revenue) OVER (PARTITION BY business_date, source_menu, line) AS line_revenue,
    -- A line that names no currency is in the first of its order.
    coalesce(
      min(currency) OVER (PARTITION BY business_date, source_menu, line),
      min(currency) OVER (PARTITION BY business_date, source_menu, order_key)
    ) AS line_currency
  FROM parts
),
numbered AS (
  SELECT
    *,
    -- What happens at the same time counts together, so neither window needs an order within it.
    sum(CASE WHEN gap > 30 * 60 * 1000 THEN 1 ELSE 0 END)
      OVER (PARTITION BY business_date, source_menu, visit_key ORDER BY first_ms RANGE UNBOUNDED PRECEDING)
      AS gaps_before,
    line IS NOT NULL AND report = 1 AS is_counted,
    -- An order counts whole in the visit of its first line.
    row_number() OVER (
      PARTITION BY business_date, source_menu, order_key, line_currency
      ORDER BY CASE WHEN report = 1 AND visit_key IS NOT NULL THEN 0 ELSE 1 END, first_ms, visit_key, line
    ) AS line_of_order,
    sum(CASE WHEN report = 1 THEN line_quantity END)
      OVER (PARTITION BY business_date, source_menu, order_key, line_currency) AS order_quantity,
    sum(CASE WHEN report = 1 THEN line_revenue END)
      OVER (PARTITION BY business_date, source_menu, order_key, line_currency) AS order_revenue
  FROM gaps
),
merged AS (
  -- A row for each visit and currency of its orders, and one without for what is no order.
  SELECT
    business_date,
    source_menu,
    visit_key,
    gaps_before,
    line_currency AS currency,
    min(session_id) AS session_id,
    min(visitor_id) AS visitor_id,
    min_by(channel, first_moment) FILTER (WHERE channel IS NOT NULL) AS channel,
    min_by(device, first_moment) AS device,
    min_by(origin, origin_moment) AS origin,
    min(origin_moment) AS origin_moment,
    min(first_ms) AS first_ms,
    max(last_ms) AS last_ms,
    min(first_moment) AS first_moment,
    max(last_moment) AS last_moment,
    min_by(entry_element, first_moment) AS entry_element,
    max_by(exit_element, last_moment) AS exit_element,
    -- Of a session_id there is one part, which has counted; other parts are an event each.
    greatest(
      max(items_viewed),
      coalesce(
        cardinality(array_distinct(array_agg(entry_element) FILTER (WHERE part < 0 AND first_item IS NOT NULL))), 0
      )
    ) AS items_viewed,
    CAST(coalesce(sum(items_added), 0) AS bigint) AS items_added,
    count_if(is_counted AND line_of_order = 1) AS orders,
    CAST(coalesce(sum(CASE WHEN is_counted AND line_of_order = 1 THEN order_quantity END), 0) AS bigint) AS quantity,
    CAST(
      coalesce(sum(CASE WHEN is_counted AND line_of_order = 1 THEN order_revenue END), decimal '0.000')
      AS decimal(15,3)
    ) AS revenue,
    min(first_menu) AS first_menu,
    min(first_item) AS first_item,
    max(last_item) AS last_item,
    min(first_add) AS first_add,
    max(last_add) AS last_add,
    max(CASE WHEN is_counted THEN first_ms END) AS last_order
  FROM numbered
  WHERE visit_key IS NOT NULL
  GROUP BY business_date, source_menu, visit_key, gaps_before, line_currency
),
whole AS (
  SELECT
    business_date,
    source_menu,
    gaps_before,
    min(session_id) AS session_id,
    min(visitor_id) AS visitor_id,
    min_by(channel, first_moment) FILTER (WHERE channel IS NOT NULL) AS channel,
    min_by(device, first_moment) AS device,
    min_by(origin, origin_moment) AS origin,
    min(first_ms) AS first_ms,
    max(last_ms) AS last_ms,
    min_by(entry_element, first_moment) AS entry_element,
    max_by(exit_element, last_moment) AS exit_element,
    max(items_viewed) AS items_viewed,
    CAST(sum(items_added) AS bigint) AS items_added,
    CAST(sum(orders) AS bigint) AS orders,
    CAST(sum(quantity) AS bigint) AS quantity,
    min(CASE WHEN quantity > 0 THEN currency END) AS currency,
    map_agg(
      coalesce(currency, ''),
      CAST(ROW(orders, quantity, revenue) AS row(orders bigint, quantity bigint, revenue decimal(15,3)))
    ) FILTER (WHERE quantity > 0) AS sales,
    min(first_menu) AS first_menu,
    min(first_item) AS first_item,
    max(last_item) AS last_item,
    min(first_add) AS first_add,
    max(last_add) AS last_add,
    max(last_order) AS last_order
  FROM merged
  GROUP BY business_date, source_menu, visit_key, gaps_before
),
timed AS (
  SELECT
    *,
    CAST(
      with_timezone(date_add('millisecond', first_ms, CAST(business_date AS timestamp)), 'UTC')
        AT TIME ZONE '${time_zone}' AS timestamp
    ) AS started_at,
    CAST(
      with_timezone(date_add('millisecond', last_ms, CAST(business_date AS timestamp)), 'UTC')
        AT TIME ZONE '${time_zone}' AS timestamp
    ) AS ended_at
  FROM whole
)
SELECT
  coalesce(session_id, coalesce(visitor_id, '') || '-' || CAST(gaps_before + 1 AS varchar)) AS visit_id,
  visitor_id,
  business_date,
  CAST(started_at AS date) AS day,
  source_menu,
  channel,
  device,
  origin.utm_source,
  origin.utm_medium,
  origin.utm_campaign,
  origin.table_number,
  origin.referrer_host,
  origin.language,
  origin.country,
  started_at,
  ended_at,
  (last_ms - first_ms) / 1000e0 AS duration_seconds,
  entry_element,
  exit_element,
  items_viewed,
  items_added,
  last_order IS NOT NULL AS has_order,
  orders,
  quantity,
  coalesce(element_at(sales, coalesce(currency, '')).revenue, decimal '0.000') AS revenue,
  currency,
  sales,
  CASE
    WHEN first_menu IS NULL THEN 0
    WHEN last_item IS NULL OR last_item < first_menu THEN 1
    WHEN last_add IS NULL OR last_add < greatest(first_menu, first_item) THEN 2
    WHEN last_order IS NULL OR last_order < greatest(first_menu, first_item, first_add) THEN 3
    ELSE 4
  END AS furthest_stage
FROM timed
