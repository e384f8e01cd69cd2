-- How many visits come from the menu to an order, and where do the others stop?
-- One row is one stage on one local day (of the visit's start) for one menu and channel. A visit counts in a stage
-- only after the one before: see `furthest_stage` in visits.
--   day                 date, wall clock of the restaurant
--   source_menu         menu or restaurant
--   channel             web, app, kiosk or qr, if the page tells
--   stage_number        1 to 4
--   stage               menu_view, item_view, add_to_cart or order
--   visits              visits that came at least as far
--   rate_from_first     share of those in the first stage, null if there are none
--   rate_from_previous  share of those in the stage before, null if there are none; 1 in the first stage
CREATE OR REPLACE VIEW menu_funnel AS
WITH counts AS (
  SELECT
    day,
    source_menu,
    channel,
    count_if(furthest_stage >= 1) AS menu_view,
    count_if(furthest_stage >= 2) AS item_view,
    count_if(furthest_stage >= 3) AS add_to_cart,
    count_if(furthest_stage >= 4) AS ordered
  FROM visits
  GROUP BY day, source_menu, channel
),
stages AS (
  SELECT
    day,
    source_menu,
    channel,
    stage_number,
    CASE stage_number
      WHEN 1 THEN 'menu_view' WHEN 2 THEN 'item_view' WHEN 3 THEN 'add_to_cart' ELSE 'order'
    END AS stage,
    CASE stage_number WHEN 1 THEN menu_view WHEN 2 THEN item_view WHEN 3 THEN add_to_cart ELSE ordered END
      AS visits,
    CASE stage_number WHEN 1 THEN menu_view WHEN 2 THEN menu_view WHEN 3 THEN item_view ELSE add_to_cart END
      AS previous,
    menu_view AS started
  FROM counts
  CROSS JOIN (VALUES 1, 2, 3, 4) AS numbers (stage_number)
)
SELECT
  day,
  source_menu,
  channel,
  stage_number,
  stage,
  visits,
  CAST(visits AS double) / nullif(started, 0) AS rate_from_first,
  CAST(visits AS double) / nullif(previous, 0) AS rate_from_previous
FROM stages
