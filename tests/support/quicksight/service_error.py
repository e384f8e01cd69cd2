"""How the service reports an error."""


class ServiceError(Exception):
    """An error of the service; `code` is its name in the model."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
