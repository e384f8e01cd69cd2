-- What was looked at and ordered in the letter's week, and ordered in the week before. Dishes with most pieces first.
SELECT
  source_menu,
  item,
  sum(CASE WHEN day >= DATE '${first_day}' THEN quantity ELSE 0 END) AS pieces,
  sum(CASE WHEN day < DATE '${first_day}' THEN quantity ELSE 0 END) AS pieces_before,
  sum(CASE WHEN day >= DATE '${first_day}' THEN viewers ELSE 0 END) AS viewers
FROM item_performance
WHERE day BETWEEN date_add('day', -7, DATE '${first_day}') AND DATE '${last_day}'
GROUP BY source_menu, item
HAVING sum(quantity) > 0 OR sum(CASE WHEN day >= DATE '${first_day}' THEN viewers ELSE 0 END) >= 5
ORDER BY sum(quantity) DESC, viewers DESC, source_menu, item
LIMIT 5000
