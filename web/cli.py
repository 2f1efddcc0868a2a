"""The `messenger` command: one file in `web/commands` per subcommand, found by its name.

Results go to stdout and everything else to stderr. What a person did wrong is one line and exit status 2; what failed
is one line and exit status 1. A traceback is for us: it goes to a file in the data folder, unless `MESSENGER_DEBUG`
is set.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable, Sequence
from importlib import import_module

import click

from archive import private, troubles
from ingest.engines import memory
from web import tracebacks
from web.commands import SHORT_HELPS

BAD_INPUT = 2
FAILED = 1
STOPPED = 130


class Commands(click.Group):
    """A group whose members are the modules of `web.commands`, imported when they are called and not to list them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(SHORT_HELPS)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, SHORT_HELPS[name]) for name in self.list_commands(ctx)])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in SHORT_HELPS:
            return None
        command = getattr(import_module(f"web.commands.{cmd_name}"), cmd_name)
        assert isinstance(command, click.Command)
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="messenger-band-archive")
def messenger() -> None:
    """The Messenger Band archive: testimonies, the songs made of them, and the thread between the two."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and leave with its exit status."""
    memory.one_for_all_threads()
    private.only_for_me()
    if not os.environ.get("MESSENGER_DEBUG"):
        tracebacks.on_the_command_line()
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0, 1 (it failed), 2 (bad input) or 130 (stopped)."""
    return answered(lambda: messenger.main(args=arguments, prog_name="messenger", standalone_mode=False))


def answered(work: Callable[[], object]) -> int:
    """The exit status of some work; whatever it fails of is told in one sentence."""
    try:
        result = work()
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        return BAD_INPUT
    except click.UsageError as error:
        return _complain(error.format_message(), BAD_INPUT)
    except click.ClickException as error:
        return _complain(error.format_message(), error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        return _complain("stopped.", STOPPED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except Exception as error:
        return _failed(error)
    return result if isinstance(result, int) else 0


def _failed(error: Exception) -> int:
    """Our own errors are sentences for people; a wrong value, a missing thing or a missing right is bad input."""
    told = troubles.told(error)
    if told is not None:
        wrong = isinstance(error, ValueError | LookupError | PermissionError) and troubles.trouble_of(error) is None
        return _complain(str(told), BAD_INPUT if wrong else FAILED)
    if os.environ.get("MESSENGER_DEBUG"):
        traceback.print_exc()
        return FAILED
    return _complain(f"something failed that should not have ({type(error).__name__}){tracebacks.keep(error)}.", FAILED)


def _complain(message: str, status: int) -> int:
    click.echo(f"messenger: {' '.join(message.split())}", err=True)
    return status


__all__ = ["answered", "main", "messenger", "run"]
