"""What a command says, in place of a traceback, of an error that its user can fix.

Emulates: nothing; it reads the errors of botocore, of the operating system and of this project.

Not covered: other messages of the SAM CLI, which commands print as they are.

Reference:
https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
https://docs.aws.amazon.com/cli/latest/userguide/cli-chap-authentication.html
"""

import errno
import sys
from collections.abc import Callable
from unicodedata import category
from urllib.parse import urlsplit

from botocore import exceptions as botocore

LOG_IN = "log in again (aws sso login, aws login or aws configure)"
NO_CREDENTIALS = f"AWS needs credentials: {LOG_IN}, or choose a profile by AWS_PROFILE"
EXPIRED = f"the credentials have expired: {LOG_IN}"
UNKNOWN = f"AWS does not know the credentials: {LOG_IN}"
NO_REGION = "AWS needs a region: put, for example, AWS_DEFAULT_REGION=eu-central-1 before the command"
BY_TYPE: tuple[tuple[tuple[type[Exception], ...], str], ...] = (
    ((botocore.NoRegionError,), NO_REGION),
    ((botocore.NoCredentialsError, botocore.PartialCredentialsError), NO_CREDENTIALS),
    (
        (
            botocore.SSOTokenLoadError,
            botocore.UnauthorizedSSOTokenError,
            botocore.TokenRetrievalError,
            botocore.LoginError,
        ),
        EXPIRED,
    ),
)
BY_CODE = {
    "ExpiredToken": EXPIRED,
    "ExpiredTokenException": EXPIRED,
    "RequestExpired": f"{EXPIRED}, or this machine's clock is wrong",
    "AuthFailure": UNKNOWN,
    "InvalidAccessKeyId": UNKNOWN,
    "InvalidClientTokenId": UNKNOWN,
    "SignatureDoesNotMatch": UNKNOWN,
    "UnrecognizedClientException": UNKNOWN,
}
NO_CONNECTION = (
    botocore.ConnectionClosedError,
    botocore.ConnectTimeoutError,
    botocore.EndpointConnectionError,
    botocore.ProxyConnectionError,
    botocore.ReadTimeoutError,
    botocore.SSLError,
)
# What the output of the SAM CLI, or of the tools that it calls, says where its user can help.
BY_OUTPUT = {
    "No space left on device": "the disk is full: free some space",
    "Read-only file system": "this folder is read-only: copy the project to a folder of your own",
    "Permission denied": "a file cannot be written or read: copy the project to a folder of your own",
    "PythonPipBuilder:ResolveDependencies": (
        "the functions' packages could not be downloaded: check the network, or the index that pip uses"
    ),
}
LOOPBACK = ("127.0.0.1", "localhost", "::1")
NOT_WRITABLE = (errno.EACCES, errno.EPERM, errno.EROFS)


UNSHOWN = "\N{REPLACEMENT CHARACTER}"
JOINERS = "\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}"  # of emoji and of letters


class UserError(Exception):
    """Something that the user has to fix; the message says how."""


def run_command(name: str, command: Callable[[], int]) -> int:
    """Run a command and return its exit code: 2 after an error that its user can fix, told in a line."""
    try:
        return command()
    except KeyboardInterrupt:
        print(f"\n{name}: stopped", file=sys.stderr)
        return 130
    except Exception as error:
        message = explain(error)
        if message is None:
            raise
        print(f"{name}: {message}", file=sys.stderr)
        return 2


def plain(text: str) -> str:
    """Return a text, which may be anybody's, without what controls a terminal or turns its direction."""
    return "".join(
        letter if letter.isprintable() or letter in JOINERS or category(letter) == "Zs" else UNSHOWN
        for letter in text
    )


def explain(error: BaseException) -> str | None:
    """Return what happened and what to do, in a line; None if the error is a fault of the program."""
    for types, message in BY_TYPE:
        if isinstance(error, types):
            return message
    if isinstance(error, NO_CONNECTION):
        return _no_connection(error)
    if isinstance(error, botocore.ClientError):
        return _client_error(error)
    if isinstance(error, botocore.BotoCoreError | UserError):
        return str(error)
    if isinstance(error, BrokenPipeError):
        return "nobody reads the output any more"
    if isinstance(error, OSError):
        return _system_error(error)
    return None


def explain_output(output: str) -> str | None:
    """Return why a tool has failed and what to do, in a line, by its output; None if that is not known."""
    causes = [cause for text, cause in BY_OUTPUT.items() if text in output]
    return causes[0] if causes else None


def _no_connection(error: botocore.BotoCoreError) -> str:
    url = str(error.kwargs.get("endpoint_url", ""))
    if urlsplit(url).hostname in LOOPBACK:
        return (
            f"nothing answers at {url}: run make local in another terminal; if AWS is meant,"
            " unset AWS_ENDPOINT_URL, and name the stack by STACK="
        )
    return f"AWS does not answer: check the network, the proxy and the region ({error})"


def _client_error(error: botocore.ClientError) -> str:
    code, message = error.response["Error"]["Code"], error.response["Error"].get("Message", "")
    if code in BY_CODE:
        return f"{BY_CODE[code]} ({code})"
    if code == "ValidationError" and "does not exist" in message:
        return f"{message} in this account and region; aws cloudformation list-stacks shows those that do"
    return str(error)


def _system_error(error: OSError) -> str | None:
    if error.errno == errno.ENOSPC:
        return f"the disk is full: {error.filename or 'free some space'}"
    if error.errno in NOT_WRITABLE:
        return f"{error.filename} cannot be written or read: {error.strerror}; choose a folder of your own"
    return None
