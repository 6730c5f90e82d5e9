"""How long-running commands talk: a line for a stage, a line that counts for a loop."""

import time
from typing import Protocol


class Out(Protocol):
    def write(self, msg: str, style_func: None = None, ending: str | None = None) -> None: ...
    def isatty(self) -> bool: ...


class Terminal:
    """Writes progress: in place on a terminal, at most a line every two seconds into a file."""

    def __init__(self, out: Out) -> None:
        self.out, self.last = out, 0.0

    def say(self, text: str) -> None:
        self.out.write(text)

    def show(self, done: int, total: int, message: str) -> None:
        now, finished = time.monotonic(), done >= total
        if not finished and now - self.last < (0.1 if self.out.isatty() else 2):
            return
        self.last = now
        line = f"  {done} of {total}  {message}"
        if self.out.isatty():
            self.out.write(f"\r\033[K{line}", ending="\n" if finished else "")
        else:
            self.out.write(line)
