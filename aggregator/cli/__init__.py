"""The command line: arguments and printing only. Commands are imported when they are called."""

import gc
import io
import signal
import sys
from importlib import import_module
from keyword import iskeyword
from pathlib import Path
from types import FrameType
from typing import NoReturn

import click

from aggregator import __version__, openfiles
from aggregator.cli import output
from aggregator.errors import AggregatorError, BusyError, ConfigError, QueryError

DONE, FAILED, USAGE, BUSY = 0, 1, 2, 3
FILES_TO_READ = 10
"""How many files a command opens at least."""

COMMANDS = {
    "init": ("settings", "Write a starter feeds.yaml into DIRECTORY."),
    "check": ("settings", "Validate feeds.yaml and the page templates."),
    "demo": ("demo", "The main job on a sample newsroom."),
    "add": ("subscribing", "Add the feed at URL to feeds.yaml, or a feed of the page there."),
    "remove": ("subscribing", "Take a feed out of feeds.yaml; its articles stay."),
    "import": (
        "subscribing",
        "Add the feeds of an OPML list (- is stdin); nested outlines become groups.",
    ),
    "export": ("subscribing", "Print the feeds as OPML, with their groups and titles."),
    "plan": (
        "subscribing",
        "Show what the next start will add, change and retire; nothing is changed.",
    ),
    "poll": ("polling", "Poll once what is due, or the URLs, or all."),
    "run": ("polling", "Poll, index, publish and serve until Ctrl-C."),
    "feeds": ("reading", "Health of every feed."),
    "articles": ("reading", "List articles, newest first."),
    "show": ("reading", "Show one article and where it comes from."),
    "search": (
        "searching",
        "Search articles by words, tags, dates, or for those most like an article.",
    ),
    "tags": ("tagging", "List tags, the commonest first, or tell of one."),
    "retag": ("tagging", "Apply today's tag rules to stored articles."),
    "stories": ("digests", "List the stories of a day."),
    "digest": ("digests", "Build a day's editions and write the pages."),
    "reindex": ("upkeep", "Rebuild the index from the archive."),
    "doctor": ("upkeep", "Check the whole installation and say how to mend what is wrong."),
    "backup": (
        "upkeep",
        "Write a consistent copy of the archive to FILE, also beside a running poller.",
    ),
    "restore": ("upkeep", "Put the copy FILE in the archive's place and rebuild the index."),
}
"""Of each command the module that it is imported from when it is called, and what it does."""


class LazyGroup(click.Group):
    """A group whose commands live in modules that are imported on demand."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order in which a user meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now."""
        if cmd_name not in COMMANDS:
            return None
        module, _ = COMMANDS[cmd_name]
        name = f"{cmd_name}_" if iskeyword(cmd_name) else cmd_name
        command = getattr(import_module(f"aggregator.cli.{module}"), name)
        if not gc.isenabled():  # by `main`, until all that stays is here
            gc.freeze()
            gc.enable()
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, about) for name, (_, about) in COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that `args` begin with; raises UsageError with a suggestion."""
        name = args[0]
        if name not in COMMANDS:
            suggestion = output.did_you_mean(name, COMMANDS)
            raise click.UsageError(f"no command {name!r}{suggestion}", ctx)
        return super().resolve_command(ctx, args)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config",
    "path",
    type=click.Path(path_type=Path),
    envvar="AGGREGATOR_CONFIG",
    default=Path("feeds.yaml"),
    show_default=True,
    help="The feed list; else $AGGREGATOR_CONFIG.",
)
@click.option("-v", "--verbose", count=True, help="Log more; with -vv, tracebacks too.")
@click.version_option(__version__, prog_name="aggregator")
@click.pass_context
def cli(ctx: click.Context, path: Path, verbose: int) -> None:
    """Follow many sources, find things in them, be briefed every day."""
    output.log_to_stderr(verbose)
    openfiles.require(FILES_TO_READ)
    ctx.obj = path


def main() -> NoReturn:
    """Run the command line and exit with its code; no traceback reaches a user.

    Garbage is not looked for among what is imported: that takes a quarter of a short command.
    """
    gc.disable()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    signal.signal(signal.SIGTERM, _interrupt)
    openfiles.allow_more()
    try:
        code = run(sys.argv[1:])
        for number in (signal.SIGTERM, signal.SIGINT):  # nothing is left to stop
            signal.signal(number, signal.SIG_IGN)
    except KeyboardInterrupt:
        code = DONE
    gc.freeze()
    eval("0")  # noqa: S307 - Python forgets an interrupted exec(), for which it would end by SIGINT
    sys.exit(code)


def _interrupt(number: int, frame: FrameType | None) -> None:
    """End as with Ctrl-C, even where that is ignored, as it is for a script's background jobs."""
    handle = signal.getsignal(signal.SIGINT)
    if not callable(handle):
        raise KeyboardInterrupt
    handle(signal.SIGINT, frame)


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code, errors told in one line each."""
    as_json = "--json" in arguments
    try:
        result = cli.main(arguments, prog_name="aggregator", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        output.note(error.format_message())
        return USAGE
    except click.ClickException as error:
        return _fail("usage", error.format_message(), USAGE, as_json=as_json)
    except ConfigError as error:
        output.note(str(error))
        if as_json:
            output.print_json({"error": {"kind": "config", "message": str(error)}})
        return USAGE
    except AggregatorError as error:
        return _fail(_kind(error), str(error), _exit_code(error), as_json=as_json)
    except (KeyboardInterrupt, click.Abort):
        return DONE
    except SystemExit:  # click's way out when the reader of a pipe has left
        return DONE
    except OSError as error:
        reason = f"{error.filename or 'output'}: {openfiles.reason(error)}"
        return _fail("system", reason, FAILED, as_json=as_json)
    except Exception as error:
        output.log_unexpected(error)
        return _fail("unexpected", f"unexpected {error!r}", FAILED, as_json=as_json)
    return result if isinstance(result, int) else DONE


def _fail(kind: str, message: str, code: int, *, as_json: bool) -> int:
    if as_json:
        output.print_json({"error": {"kind": kind, "message": message}})
    output.complain(message)
    return code


def _kind(error: AggregatorError) -> str:
    return type(error).__name__.removesuffix("Error").lower()


def _exit_code(error: AggregatorError) -> int:
    if isinstance(error, BusyError):
        return BUSY
    return USAGE if isinstance(error, QueryError) else FAILED
