"""Messages as files, for the installation without a broker: kombu's transport, with messages seen whole or not at all.

kombu writes a message where the worker looks for it, so a worker that looks in between reads half of one and dies.
"""

from pathlib import Path
from time import monotonic
from typing import Any
from uuid import uuid4

from kombu.exceptions import ChannelError
from kombu.transport import filesystem
from kombu.utils.encoding import str_to_bytes
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:  # type: ignore[override]  # kombu's two names
        """Write the message under a name that no queue has, in the folder of the queue, and rename it."""
        folder = Path(self.data_folder_out)
        written = folder / f".{uuid4()}.part"
        try:
            written.write_bytes(str_to_bytes(dumps(payload)))
            written.rename(folder / self.name_of(queue))
        except OSError as error:
            raise ChannelError(f"the message could not be written into {folder}") from error

    def name_of(self, queue: str) -> str:
        """A file name that sorts by age, with the queue after the first full stop, where kombu looks for it."""
        return f"{round(monotonic() * 1000)}_{uuid4()}.{queue}.msg"


class Transport(filesystem.Transport):
    Channel = Channel
    # Without a host name in it kombu has nothing to warn about: there is no host.
    default_connection_params: dict[str, Any] = {}
