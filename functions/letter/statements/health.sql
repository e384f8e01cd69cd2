-- Events that arrived on each day of the letter's week, and on the day after, on which phones send late; and those
-- that were rejected.
SELECT day, events, rejected
FROM data_quality
WHERE day BETWEEN DATE '${first_day}' AND date_add('day', 1, DATE '${last_day}')
ORDER BY day
