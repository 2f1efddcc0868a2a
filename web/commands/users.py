"""`messenger users`: the accounts of the people who work with the archive."""

from __future__ import annotations

import sys

import click

from archive.accounts import accounts
from archive.backends import open_backends
from archive.models.account import GROUPS, ROLES
from archive.settings import read_settings


@click.group()
def users() -> None:
    """Make, list and disable accounts."""


@users.command()
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), required=True, help="What work they do here.")
@click.option("--group", "groups", type=click.Choice(GROUPS), multiple=True, help="Their group of the alliance.")
@click.option("--display-name", default="", help="How the site addresses them.")
@click.option("--language", type=click.Choice(["km", "en"]), default="km", show_default=True)
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of asking for it.")
def add(name: str, role: str, groups: tuple[str, ...], display_name: str, language: str, password_stdin: bool) -> None:
    """Make an account called NAME."""
    password = _password(from_stdin=password_stdin)
    with open_backends(read_settings()).database.write() as session:
        account = accounts.create(session, name, password, role, groups, display_name=display_name, language=language)
        click.echo(account.name)


@users.command("list")
def list_accounts() -> None:
    """Print every account: name, role, groups, and whether it is disabled."""
    with open_backends(read_settings()).database.read() as session:
        for account in accounts.everyone(session):
            state = "disabled" if account.disabled else "active"
            click.echo("\t".join([account.name, account.role, ",".join(account.groups) or "-", state]))


@users.command()
@click.argument("name")
def disable(name: str) -> None:
    """Shut NAME out at once, in every browser."""
    with open_backends(read_settings()).database.write() as session:
        accounts.disable(session, accounts.named(session, name))


@users.command()
@click.argument("name")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of asking for it.")
def password(name: str, password_stdin: bool) -> None:
    """Give NAME another password and sign them out everywhere."""
    backends = open_backends(read_settings())
    with backends.database.read() as session:
        accounts.named(session, name)
    chosen = _password(from_stdin=password_stdin)
    with backends.database.write() as session:
        accounts.change_password(session, accounts.named(session, name), chosen)


def _password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    asked: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return asked
