"""Everything Arcane can tell a person that it could not do, and the exit code that goes with it.

    ArcaneError
    ├── ConfigError          2   a setting is wrong, or an argument
    │   └── AddressError     2   a page's address makes no sense, told in both languages
    ├── SourceError              X refused, or answered what cannot be believed
    │   ├── AuthError        3   the token is missing, wrong, or may not do this
    │   ├── QueryError       4   X will never accept this request
    │   ├── PageError        5   an answer was cut, broken or of an unknown shape
    │   ├── CreditsExhausted 6   X's own cap or credit is used up: waiting does not help
    │   ├── RateLimited     75   X says wait, and the wait is longer than the run has left
    │   └── Unavailable     75   X or the network is down
    ├── BudgetExceeded       6   a cap of our own is met, everything read is committed
    ├── OutOfTime           75   the run's own time is up, everything read is committed
    ├── AlreadyDone          0   this occurrence of a schedule was run to its end before
    ├── JobError            75   the Cloud Run job that should go on did not start
    ├── ArchiveError         7   the archive cannot be written or read
    │   ├── ErasureBlocked   7   an archived object cannot be cleaned, everything else is erased
    │   └── ArchiveAway     75   the archive's bucket does not answer
    ├── ExportError          7   a file for analysts cannot be written
    └── WarehouseError       7   the warehouse cannot be opened, written or read
        ├── SqlError         7   the analyst's SQL is wrong
        │   └── QueryTooLong 7   it took longer than a reader may
        ├── WarehouseEmpty   7   nothing was collected into it yet
        ├── ChecksFailed     7   the tables hold rows that must not be
        ├── WarehouseBusy   75   another run is writing
        ├── WarehouseAway   75   BigQuery does not answer, or its quota is used up for now
        └── LeaseLost       75   another run took over: this one may not commit any more

75 is ``EX_TEMPFAIL`` of sysexits.h: run the same command again later and it goes on where it stopped. Stopped from
outside, the command line ends with 130 (Ctrl+C) or with 143 (``Terminated``, by SIGTERM), and the next run goes on too.
A message says what happened, to what, and what to do next, in one sentence a person can act on.
"""

from typing import ClassVar, Final

TRY_AGAIN: Final = 75
STOPPED: Final = 130
TERMINATED: Final = 143


class ArcaneError(Exception):
    """What a person is told instead of a traceback. Never raised itself."""

    exit_code: ClassVar[int] = 1


class ConfigError(ArcaneError):
    """A setting or an argument is missing, unknown or out of range."""

    exit_code = 2


class AddressError(ConfigError):
    """A filter in an address that cannot be meant; the message is English, ``french`` says the same."""

    def __init__(self, french: str, english: str) -> None:
        super().__init__(english)
        self.french = french


class SourceError(ArcaneError):
    """X could not be read. Never raised itself."""


class AuthError(SourceError):
    """X does not know the token, or the token may not do this."""

    exit_code = 3


class QueryError(SourceError):
    """X will refuse this request however often it is asked."""

    exit_code = 4


class PageError(SourceError):
    """A body that is not what X promises. It is never taken for "no data"."""

    exit_code = 5


class CreditsExhausted(SourceError):
    """The plan's cap or the prepaid credit is used up."""

    exit_code = 6


class RateLimited(SourceError):
    """X asks for a pause that the run has no time for."""

    exit_code = 75


class Unavailable(SourceError):
    """X or the way to it does not answer, after every retry."""

    exit_code = 75


class BudgetExceeded(ArcaneError):
    """The next request could pass one of the caps in the settings."""

    exit_code = 6


class OutOfTime(ArcaneError):
    """The run's time is up before the work is done."""

    exit_code = 75


class AlreadyDone(ArcaneError):
    """The occurrence that a scheduler asks for was run to its end before: there is nothing to do."""

    exit_code = 0


class JobError(ArcaneError):
    """The Cloud Run job did not start."""

    exit_code = 75


class ArchiveError(ArcaneError):
    """A raw page could not be kept, or not be read back."""

    exit_code = 7


class ErasureBlocked(ArchiveError):
    """An archived object that names what must go can not be written anew; everything else is erased."""


class ArchiveAway(ArchiveError):
    """The bucket or the way to it does not answer, after every retry."""

    exit_code = 75


class ExportError(ArcaneError):
    """There is no room for an export, or its format has none; what was there before is there still."""

    exit_code = 7


class WarehouseError(ArcaneError):
    """The warehouse could not be opened, read or written."""

    exit_code = 7


class SqlError(WarehouseError):
    """A query given by a person does not parse, bind or run."""


class QueryTooLong(SqlError):
    """A query was ended because it took longer than its reader allows."""


class WarehouseEmpty(WarehouseError):
    """Nothing was collected yet: there is nothing to read."""


class ChecksFailed(WarehouseError):
    """A check of severity ``fail`` found rows."""


class WarehouseBusy(WarehouseError):
    """Another run holds the warehouse; ``holder`` names it where the warehouse knows."""

    exit_code = 75

    def __init__(self, message: str, *, holder: str = "") -> None:
        super().__init__(message)
        self.holder = holder


class WarehouseAway(WarehouseError):
    """BigQuery or the way to it does not answer, or a quota is used up for now."""

    exit_code = 75


class LeaseLost(WarehouseError):
    """Another run took the lease: what this one holds must not be committed."""

    exit_code = 75


class Terminated(BaseException):
    """The platform ends this process within seconds. No ArcaneError, so that nothing swallows it on the way out."""
