"""REST APIs of API Gateway.

Emulates: integrations with AWS services and with Lambda functions, mapping templates, models, content types,
compression, and the paths of methods' settings.

Not covered: HTTP and WebSocket APIs, caches, usage plans' quotas and what the edge does.

Reference: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-rest-api.html
"""
