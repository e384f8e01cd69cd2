-- What do visits bring, in which currency?
-- One row is one visit and one currency of its orders; a visit without orders has one, in its menu's usual currency:
-- that of most orders, the first in the alphabet of equally many. Money in different currencies never meets here.
-- An order of which no visit is known, as of a till or in a history, has a row of its own without a visit.
--   visit_id             of the visit: see visits, likewise the next five; null without one
--   business_date        day that ends at 05:00
--   day                  date of its start, wall clock of the restaurant
--   started_at           time of its first event, wall clock
--   source_menu          menu or restaurant
--   channel, device      of its events
--   utm_source, utm_medium, utm_campaign, table_number, referrer_host, language, country
--                        where the guest of the visit comes from: see visits; null without one
--   visits               1 in the row of the visit's first currency in the alphabet, else 0: so its sum counts visits
--   visits_with_order    1 there if the visit has an order in any currency, else 0
--   orders               orders in currency that begin in it
--   quantity             pieces ordered in currency
--   revenue              in currency
--   currency             null for orders that name none, and for a menu of which no order does
CREATE OR REPLACE VIEW visit_sales AS
WITH sales_of_visits AS (
  SELECT
    visit_id,
    business_date,
    day,
    started_at,
    source_menu,
    channel,
    device,
    utm_source,
    utm_medium,
    utm_campaign,
    table_number,
    referrer_host,
    language,
    country,
    CASE WHEN key = coalesce(visits.currency, '') THEN 1 ELSE 0 END AS visits,
    CASE WHEN has_order AND key = coalesce(visits.currency, '') THEN 1 ELSE 0 END AS visits_with_order,
    coalesce(element_at(sales, key).orders, 0) AS orders,
    coalesce(element_at(sales, key).quantity, 0) AS quantity,
    coalesce(element_at(sales, key).revenue, decimal '0.000') AS revenue,
    nullif(key, '') AS currency
  FROM visits
  CROSS JOIN UNNEST(coalesce(map_keys(sales), ARRAY[''])) AS currencies (key)
),
all_sales AS (
  SELECT * FROM sales_of_visits
  UNION ALL
  SELECT
    CAST(NULL AS varchar) AS visit_id,
    business_date,
    CAST(min(local_time) AS date) AS day,
    min(local_time) AS started_at,
    source_menu,
    min(channel) AS channel,
    min(device) AS device,
    CAST(NULL AS varchar) AS utm_source,
    CAST(NULL AS varchar) AS utm_medium,
    CAST(NULL AS varchar) AS utm_campaign,
    CAST(NULL AS varchar) AS table_number,
    CAST(NULL AS varchar) AS referrer_host,
    CAST(NULL AS varchar) AS language,
    CAST(NULL AS varchar) AS country,
    0 AS visits,
    0 AS visits_with_order,
    1 AS orders,
    sum(quantity) AS quantity,
    CAST(sum(revenue) AS decimal(15,3)) AS revenue,
    currency
  FROM order_lines
  GROUP BY business_date, source_menu, order_key, currency
  HAVING count(visit_key) = 0 -- of which a visit reports no line: else the order is whole in that
),
counted AS (
  SELECT *, sum(orders) OVER (PARTITION BY source_menu, currency) AS orders_in_currency FROM all_sales
),
usual AS (
  SELECT
    *,
    first_value(currency) OVER (
      PARTITION BY source_menu
      ORDER BY CASE WHEN currency IS NULL THEN 1 ELSE 0 END, orders_in_currency DESC, currency
    ) AS usual_currency
  FROM counted
)
SELECT
  visit_id,
  business_date,
  day,
  started_at,
  source_menu,
  channel,
  device,
  utm_source,
  utm_medium,
  utm_campaign,
  table_number,
  referrer_host,
  language,
  country,
  visits,
  visits_with_order,
  orders,
  quantity,
  revenue,
  CASE WHEN quantity = 0 THEN usual_currency ELSE currency END AS currency
FROM usual
