"""No log line tells the code of an invitation: beside the time it would say when a person answered (docs/adr/0026)."""

import logging
import re

IN_ADDRESS = re.compile(r"(/s/)[^\s'\"<>]+", re.IGNORECASE)


class WithoutCodes(logging.Filter):
    """Takes codes out of addresses, in what Django says of refused, lost and failed requests."""

    def filter(self, record: logging.LogRecord) -> bool:
        text = record.getMessage()
        if IN_ADDRESS.search(text):
            record.msg, record.args = IN_ADDRESS.sub(r"\1…", text), None
        return True
