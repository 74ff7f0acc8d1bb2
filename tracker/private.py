"""Keeps the state of the tracker from other accounts of the machine.

It holds contacts, mails, passwords and the signing key. Only the collected static files are for everybody, since
nginx reads them.
"""

import os
import stat
from contextlib import suppress
from pathlib import Path

UMASK = 0o077
# In VAR_DIR. Whatever is in these folders is private with them.
FILES = ("db.sqlite3", "db.sqlite3-wal", "db.sqlite3-shm", "secret_key", "staff_password", "run.lock")
FOLDERS = ("run", "log", "mailbox", "metrics", "backups")


def keep_private(folder: Path) -> None:
    """Lets this process and its children write files for this user only, and closes what an earlier one left open.

    Only what belongs to this user is changed; links are not followed.
    """
    os.umask(UMASK)
    for name in (*FILES, *FOLDERS):
        path = folder / name
        with suppress(OSError):  # there is none, or it was deleted this moment
            found = path.lstat()
            if not stat.S_ISLNK(found.st_mode) and found.st_uid == os.geteuid() and found.st_mode & UMASK:
                path.chmod(stat.S_IMODE(found.st_mode) & ~UMASK)
