"""Firehose's data plane: buffers, transformation, conversion, delivery, errors."""
