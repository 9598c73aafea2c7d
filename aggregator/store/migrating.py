"""Making the tables of a new file, and bringing an older one up to date."""

from pathlib import Path

from alembic import command
from alembic.config import Config

from aggregator.store.database import Database
from aggregator.store.file import File

_MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(file: File, *, new: bool) -> None:
    """Apply the migrations that the file lacks, in one transaction; raises StoreError."""
    database = Database(file)
    try:
        if new:
            database.run("PRAGMA journal_mode = WAL")
        with database.write() as connection:
            config = Config()
            config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        database.close()
