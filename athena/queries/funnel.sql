-- How many visits get from the menu to an order, and where do they stop?
-- How to read it: each stage counts the visits that came through the ones before. The lowest
-- rate_from_previous is the stage to work on.
-- Parameters: the first and the last day, in quotes: '2026-11-01', '2026-11-30'.
SELECT
  source_menu,
  channel,
  stage_number,
  stage,
  sum(sessions) AS sessions,
  round(
    CAST(sum(sessions) AS double)
      / nullif(first_value(sum(sessions)) OVER (PARTITION BY source_menu, channel ORDER BY stage_number), 0),
    4
  ) AS rate_from_first,
  round(
    CAST(sum(sessions) AS double)
      / nullif(lag(sum(sessions)) OVER (PARTITION BY source_menu, channel ORDER BY stage_number), 0),
    4
  ) AS rate_from_previous
FROM menu_funnel
WHERE day BETWEEN CAST(? AS date) AND CAST(? AS date)
GROUP BY source_menu, channel, stage_number, stage
ORDER BY source_menu, channel, stage_number
