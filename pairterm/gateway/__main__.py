"""Entry of a user's own gateway: `python -m pairterm.gateway`, settings on standard input (see `spawn`)."""

from __future__ import annotations

import logging

from pairterm.errors import PairtermError, UsageError
from pairterm.gateway.gateway_settings import own_gateway_settings
from pairterm.gateway.run import run_gateway
from pairterm.runtime.crash_report import report_crashes
from pairterm.runtime.direct_loop import run
from pairterm.runtime.logs import log_to_stderr
from pairterm.runtime.spawn import read_settings, report_error, report_ready


def main() -> None:
    """Run until nobody needs it. One that finds another running has nothing to do, and says so."""
    log_to_stderr(logging.INFO, is_own_file=True)
    report_crashes("a user's own gateway")
    settings = own_gateway_settings(**read_settings())
    try:
        run(run_gateway(settings, lambda serving: report_ready({"listen": serving.listen})))
    except UsageError as error:
        if error.code != "gateway_running":
            report_error(error)
        report_ready({"listen": []})
    except PairtermError as error:
        report_error(error)


main()
