"""The emulator's process: MiniStack plus what it lacks, served on loopback.

Run by `local.stack` as `python -m local.emulator`; the port is read from `GATEWAY_PORT`.
"""

import asyncio
import ctypes
import logging
import os
import signal

import ministack.app
from hypercorn.asyncio import serve
from hypercorn.config import Config

from local import cloudformation, logs
from local.apigateway import integration as apigateway
from local.athena import service as athena
from local.firehose import service as firehose

PR_SET_PDEATHSIG = 1  # Linux: send a signal when the parent dies, so that nothing is left on the port


def main() -> None:
    """Install the supplements and serve until terminated."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    _count_loopback_as_tls()
    for supplement in (apigateway, athena, cloudformation, firehose, logs):
        supplement.install()
    logging.getLogger("hypercorn.access").disabled = True
    config = Config()
    config.bind = [f"127.0.0.1:{os.environ['GATEWAY_PORT']}"]
    config.keep_alive_timeout = 75
    asyncio.run(serve(ministack.app.app, config, shutdown_trigger=firehose.stopped))


def _count_loopback_as_tls() -> None:
    """Let bucket policies that demand TLS pass: nothing leaves the machine, so nothing can be read."""
    pin_request_origin = ministack.app.pin_request_origin
    ministack.app.pin_request_origin = lambda address, _secure: pin_request_origin(address, True)


if __name__ == "__main__":
    main()
