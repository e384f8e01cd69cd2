"""REST APIs of API Gateway.

Emulates: integrations with AWS services, mapping templates, models, content types and compression.

Not covered: HTTP and WebSocket APIs, caches, usage plans' quotas and what the edge does.

Reference: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-rest-api.html
"""
