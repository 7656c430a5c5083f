"""A download that goes on where it broke off: Ollama keeps what it has, so pulling again continues.

As long as each try brings the download further it is tried again; one that brings nothing is the last.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from assistant.llm.base import ModelError, ModelTimeout, ModelUnavailable, StreamBroken
from assistant.llm.ollama_models import PullProgress, pull

#: Seconds before a further try.
PAUSE = 2.0


def pull_to_the_end(
    name: str,
    host: str = "",
    *,
    on_progress: Callable[[PullProgress], None],
    on_break: Callable[[ModelError], None],
    wait: Callable[[float], None] = time.sleep,
    pull: Callable[..., None] = pull,
) -> None:
    """Pull the model `name`, continuing after every break that was preceded by progress.

    Raises the last `ModelError` when a try brought nothing, and at once one that no further try would mend.
    """
    most = -1
    while True:
        layers: dict[str, int] = {}

        def show(step: PullProgress, layers: dict[str, int] = layers) -> None:
            layers[step.status] = step.completed
            on_progress(step)

        try:
            pull(name, host, on_progress=show)
            return
        except (StreamBroken, ModelTimeout, ModelUnavailable) as error:
            brought = sum(layers.values())
            if brought <= most or not brought:
                raise
            most = brought
            on_break(error)
            wait(PAUSE)
