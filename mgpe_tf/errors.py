"""User mistakes: one clear line and exit code 2, never a traceback."""

from __future__ import annotations


class UserError(Exception):
    """A mistake that the user can mend.

    The message is one line that names the file or field, the value found, what is allowed, and, where it is
    known, the remedy. Commands print it on stderr and exit with code 2 (see ``mgpe_tf.cli``).
    """


class WriteError(UserError):
    """A file cannot be written: the disk is full or write-protected, the folder is gone, the name is too long.

    The next file cannot be written either, so it ends a batch, which goes on after other mistakes.

    Args:
      file: the file or folder.
      reason: in the words of the system.
    """

    def __init__(self, file: str, reason: str):
        super().__init__(file, reason)
        self.file, self.reason = file, reason

    def __str__(self) -> str:
        return f"{self.file}: {self.reason}"
