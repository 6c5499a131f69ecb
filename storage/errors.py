"""The one tree of errors. Every message says what happened and what to do.

WhetstoneError
├── InputError          a file, a row or a setting that a person can mend
│   └── RunFolderError  a run's folder that lacks a file, or holds one that cannot be read
├── NotFoundError       a project, document, run or model that is not there
├── RefusedError        an edit that would damage data
│   ├── ConflictError   an edit made on an older revision
│   └── ForbiddenError  whoever asks is not signed in, or may not do it
├── StorageError        the database cannot be used
│   ├── BusyError       somebody else is writing
│   ├── DamagedError    the file is broken: a backup helps
│   │   └── EmptiedError    it holds nothing any more
│   ├── FullError       its disk has no room left
│   ├── FaultError      it refused what Whetstone should not have asked for
│   ├── MigrationError  an older database that could not be brought up to date
│   ├── ReadOnlyError   it can be read, but not changed
│   └── NewerDatabaseError  made by a newer Whetstone
└── TrainingError       a run that could not start or go on
    └── ModelError      a base model that cannot be loaded
"""


class WhetstoneError(Exception):
    """Anything that Whetstone tells a person in one sentence."""


class InputError(WhetstoneError):
    """A file, a row or a setting that a person can mend."""


class RunFolderError(InputError):
    """A run's folder that lacks a file, or holds one that cannot be read."""


class NotFoundError(WhetstoneError):
    """A project, document, run or model that is not there."""


class RefusedError(WhetstoneError):
    """An edit that would damage data."""


class ConflictError(RefusedError):
    """An edit made on an older revision of the document."""


class ForbiddenError(RefusedError):
    """Whoever asks has not signed in, or may not do it."""


class StorageError(WhetstoneError):
    """The database cannot be used."""


class BusyError(StorageError):
    """Somebody else holds the write lock for too long."""


class DamagedError(StorageError):
    """The database's file is broken, or is none."""


class EmptiedError(DamagedError):
    """The database's file holds nothing, though it once did."""


class FullError(StorageError):
    """The disk of the database has no room left: it can be read, but not changed."""


class FaultError(StorageError):
    """The database refused what Whetstone should not have asked for."""


class MigrationError(StorageError):
    """An older database could not be brought up to date; it is as it was."""


class ReadOnlyError(StorageError):
    """The database can be read, but not changed."""


class NewerDatabaseError(StorageError):
    """The database was made by a newer version of Whetstone."""


class TrainingError(WhetstoneError):
    """A run that could not start or go on."""


class ModelError(TrainingError):
    """A base model that cannot be loaded."""
