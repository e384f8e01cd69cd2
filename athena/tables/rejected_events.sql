-- Every event that was refused, with the reason.
-- One row is one refusal. Columns are those of Refused in functions/transform/event.py.
CREATE EXTERNAL TABLE `${database}`.`rejected_events` (
  `received_at` timestamp COMMENT 'When the API took it, UTC',
  `request_id` string COMMENT 'The API request that brought it',
  `event_id` string COMMENT 'The id that the event would have had',
  `reason` string COMMENT 'Kind of fault, a colon, and what was wrong',
  `field` string COMMENT 'The field at fault, if it is one field''s',
  `raw` string COMMENT 'The event as it was sent'
)
PARTITIONED BY (`ingest_date` string COMMENT 'Day of arrival, yyyy-MM-dd')
ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'
LOCATION 's3://${bucket}/rejected/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.ingest_date.type' = 'date',
  'projection.ingest_date.format' = 'yyyy-MM-dd',
  'projection.ingest_date.range' = '2026-01-01,NOW+1DAYS',
  'projection.ingest_date.interval' = '1',
  'projection.ingest_date.interval.unit' = 'DAYS',
  'storage.location.template' = 's3://${bucket}/rejected/ingest_date=$${ingest_date}/'
)
