-- What is ordered, line by line?
-- One row is one line of an order: a dish of one order_id on one menu on one business date, with its order_line if the
-- page sends one. A dish without an order_id is an order by itself. However often, by whomever and in however many
-- visits a line is reported, it has one row; where the reports differ, the smallest quantity and revenue count.
-- `orders`, `visit_sales` and `items_ordered_together` build on these rows. `visits` and `item_performance` follow
-- the same rules in their own reading of the table, so that no question reads it twice.
--   order_key        its order_id, else the event_key of the line
--   event_key        of the line
--   business_date    day that ends at 05:00
--   event_time       of the first report, UTC
--   local_time       the same on the wall clock of the restaurant
--   source_menu      menu or restaurant
--   channel, device  of the reports; should they differ, the first in the alphabet
--   session_id       likewise, of the visit, if a page tells
--   visit_key        of a visit that reports it; null if none is known, as of a till or in a history
--   element_clicked  the dish, as the page names it
--   quantity         pieces, 1 if none is told
--   revenue          in currency, 0 if no price is told
--   currency         a line that names none is in the first of its order, null if no line of the order names one
CREATE OR REPLACE VIEW order_lines AS
WITH lines AS (
  SELECT
    coalesce(order_id, CAST(event_key AS varchar)) AS order_key,
    event_key,
    business_date,
    event_time,
    local_time,
    source_menu,
    channel,
    device,
    session_id,
    visit_key,
    element_clicked,
    coalesce(quantity, 1) AS quantity,
    coalesce(revenue, CAST(0 AS decimal(15,3))) AS revenue,
    currency
  FROM events
  WHERE event_type = 'order'
)
SELECT
  order_key,
  event_key,
  business_date,
  event_time,
  local_time,
  source_menu,
  channel,
  device,
  session_id,
  visit_key,
  element_clicked,
  quantity,
  revenue,
  coalesce(currency, min(currency) OVER (PARTITION BY business_date, source_menu, order_key)) AS currency
FROM lines
