-- Why are events rejected?
-- One row is one kind of fault in one field on one day of arrival, in the restaurant's time zone.
--   day      date
--   reason   missing, unknown field, type, length, range, enum, date or malformed
--   field    the field at fault, null for the whole event
--   rejected  events rejected
CREATE OR REPLACE VIEW rejected_by_reason AS
SELECT
  received_date AS day,
  split_part(reason, ':', 1) AS reason,
  field,
  count(*) AS rejected
FROM rejected_events
GROUP BY received_date, split_part(reason, ':', 1), field
