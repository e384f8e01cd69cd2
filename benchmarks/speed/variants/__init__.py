"""Other ways to write the transform. Each module has `handler(event, context)`, called like Lambda's."""
