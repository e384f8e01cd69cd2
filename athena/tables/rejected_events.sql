-- Every event that was rejected, with the reason.
-- One row is one event. Partitions are as in events_raw. Columns are those of RejectedEvent in
-- functions/transform/event.py.
CREATE EXTERNAL TABLE `${database}`.`rejected_events` (
  `received_at` string COMMENT 'When the API took it, UTC, yyyy-MM-dd HH:mm:ss.SSS',
  `received_date` date COMMENT 'Day of received_at in the time zone of the stack',
  `request_id` string COMMENT 'The API request that brought it',
  `imported` boolean COMMENT 'It came straight into the stream and not from a page, so its time may be old',
  `event_id` string COMMENT 'The id that the event would have had',
  `reason` string COMMENT 'Kind of fault, a colon, and what was wrong',
  `field` string COMMENT 'The field at fault, if it is one field\'s',
  `raw` string COMMENT 'The event as it was sent'
)
PARTITIONED BY (`ingest_month` string COMMENT 'Month in which the stream took the oldest record of the file, yyyy-MM')
ROW FORMAT SERDE 'org.apache.hive.hcatalog.data.JsonSerDe'
LOCATION 's3://${bucket}/rejected/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.ingest_month.type' = 'date',
  'projection.ingest_month.format' = 'yyyy-MM',
  'projection.ingest_month.range' = 'NOW-${rejected_months}MONTHS,NOW+1MONTHS',
  'projection.ingest_month.interval' = '1',
  'projection.ingest_month.interval.unit' = 'MONTHS',
  'storage.location.template' = 's3://${bucket}/rejected/ingest_month=$${ingest_month}/'
)
