"""The emulator's process: MiniStack with the functions of `local/` in it, served on loopback.

Run by `local.stack` as `python -m local.emulator`; the port is read from `GATEWAY_PORT`. If `BIND` is set, it
names the socket that listens there already, as `fd://NUMBER`.

Emulates: nothing by itself; it serves the emulator after `local.patches` has changed it.

Not covered: other addresses than loopback, and TLS.

Reference: the emulator's source: its ASGI application is `ministack.app:app`.
"""

import asyncio
import ctypes
import logging
import os
import signal

from hypercorn.asyncio import serve
from hypercorn.config import Config
from ministack.app import app

from local import patches

PR_SET_PDEATHSIG = 1  # Linux: send a signal when the parent dies, so that nothing is left on the port


def main() -> None:
    """Put the functions of `local/` into the emulator and serve until terminated."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    try:
        patches.install()
    except patches.EmulatorChangedError as error:
        raise SystemExit(str(error)) from None
    # Its module takes names of the emulator's as it is imported, which are checked by now.
    from local.firehose.service import stopped

    logging.getLogger("hypercorn.access").disabled = True
    config = Config()
    config.bind = [os.environ.get("BIND", f"127.0.0.1:{os.environ['GATEWAY_PORT']}")]
    config.keep_alive_timeout = 75
    asyncio.run(serve(app, config, shutdown_trigger=stopped))


if __name__ == "__main__":
    main()
