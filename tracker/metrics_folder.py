"""The folder in which the processes of a host share their metrics.

The settings prepare it, before anything imports prometheus_client: that library reads its name from the environment
at its import.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

log = logging.getLogger(__name__)

NAME = "PROMETHEUS_MULTIPROC_DIR"
LEAST_ROOM = 1_000_000  # bytes; the files of a process take a part of it


def has_room(folder: Path) -> bool:
    """Whether metrics can be written to a folder: prometheus_client maps files, and a full disk kills the process."""
    disk = os.statvfs(folder)
    return disk.f_bavail * disk.f_frsize >= LEAST_ROOM


def prepare(given: str, default: Path, *, wanted: bool) -> Path | None:
    """The folder in which the processes of this host store their metrics; made if absent, None on a full disk.

    It is written to the environment for prometheus_client.

    Args:
        wanted: whether to take the default if no folder is given.

    Raises:
        ImproperlyConfigured: if the folder cannot be made or written.
    """
    if not (given or wanted):
        return None
    folder = Path(given or default).absolute()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(
            f"{NAME}: {folder} cannot be made ({error.strerror}); name a folder that this user may write to."
        ) from None
    if not os.access(folder, os.W_OK | os.X_OK, effective_ids=True):  # for example made by root
        raise ImproperlyConfigured(
            f"{NAME}: {folder} belongs to another account; name a folder that this user may write to."
        )
    if not has_room(folder):
        log.warning("%s: the disk of %s is full; restart this process to write metrics.", NAME, folder)
        os.environ.pop(NAME, None)
        return None
    os.environ[NAME] = str(folder)
    return folder
