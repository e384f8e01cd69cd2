"""Firehose's data plane for streams that deliver to S3.

Emulates: buffers, transformation, conversion, delivery and errors.

Not covered: other destinations, dynamic partitioning, and Kinesis as a source.

Reference: https://docs.aws.amazon.com/firehose/latest/dev/
"""
