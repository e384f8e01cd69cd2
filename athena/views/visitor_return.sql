-- How many visitors come back to the menu on the same day?
-- One row is one menu on one local day. Visitors cannot be followed from one day to the next, by design: this says
-- nothing about regulars.
--   day                          date, wall clock of the restaurant, of the visit's start
--   source_menu                  menu or restaurant
--   visitors                     different visitor_ids
--   visitors_with_several_visits those of them with more than one visit on that day
--   several_visits_rate          share of the visitors
CREATE OR REPLACE VIEW visitor_return AS
WITH visitors AS (
  SELECT day, source_menu, visitor_id, count(*) AS visits
  FROM visits
  WHERE visitor_id IS NOT NULL
  GROUP BY day, source_menu, visitor_id
)
SELECT
  day,
  source_menu,
  count(*) AS visitors,
  count_if(visits > 1) AS visitors_with_several_visits,
  CAST(count_if(visits > 1) AS double) / count(*) AS several_visits_rate
FROM visitors
GROUP BY day, source_menu
