"""`messenger users`: the accounts of the people who work with the archive."""

from __future__ import annotations

import sys

import click

from archive.accounts import accounts, links
from archive.backends import open_backends
from archive.consent import vault
from archive.language.messages import languages
from archive.models.account import GROUPS, ROLES
from archive.settings import Settings, read_settings
from web.commands.vault import HOW_TO_KEEP_IT


@click.group()
def users() -> None:
    """Make, invite, list, disable and enable accounts."""


@users.command()
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), required=True, help="What work they do here.")
@click.option("--group", "groups", type=click.Choice(GROUPS), multiple=True, help="Their group of the alliance.")
@click.option("--display-name", default="", help="How the site addresses them.")
@click.option("--language", type=click.Choice(languages()), default="km", show_default=True)
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of asking for it.")
def add(name: str, role: str, groups: tuple[str, ...], display_name: str, language: str, password_stdin: bool) -> None:
    """Make an account called NAME."""
    password = _password(from_stdin=password_stdin)
    settings = read_settings()
    with open_backends(settings).database.write() as session:
        account = accounts.create(session, name, password, role, groups, display_name=display_name, language=language)
        keyless = role == "steward" and vault.never_made(session, settings)
        click.echo(account.name)
    if keyless:
        _make_the_key(settings)


def _make_the_key(settings: Settings) -> None:
    """The first steward's set-up: without the vault's key no legal name can be kept, and nothing sealed."""
    try:
        path = vault.make_key(settings)
        vault.try_key(settings)
    except (OSError, vault.VaultClosed) as error:
        click.echo(f"The vault's key is not made yet ({error}); `messenger vault init` makes it.", err=True)
        return
    click.echo(f"The vault's key is made and opens: {path}\n{HOW_TO_KEEP_IT}", err=True)


@users.command("list")
def list_accounts() -> None:
    """Print every account: name, role, groups, and whether it is active, disabled or only invited."""
    with open_backends(read_settings()).database.read() as session:
        for account in accounts.everyone(session):
            state = "disabled" if account.disabled else "active" if account.password_hash else "invited"
            click.echo("\t".join([account.name, account.role, ",".join(account.groups) or "-", state]))


@users.command()
@click.argument("name")
def disable(name: str) -> None:
    """Shut NAME out at once, in every browser."""
    with open_backends(read_settings()).database.write() as session:
        accounts.disable(session, accounts.named(session, name))


@users.command()
@click.argument("name")
def enable(name: str) -> None:
    """Let NAME sign in again, with the password they had."""
    with open_backends(read_settings()).database.write() as session:
        accounts.enable(session, accounts.named(session, name))


@users.command()
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), required=True, help="What work they do here.")
@click.option("--group", "groups", type=click.Choice(GROUPS), multiple=True, help="Their groups of the alliance.")
def role(name: str, role: str, groups: tuple[str, ...]) -> None:
    """Give NAME other work, and the groups named here instead of those they had."""
    with open_backends(read_settings()).database.write() as session:
        accounts.change_role(session, accounts.named(session, name), role, groups)


@users.command()
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), required=True, help="What work they do here.")
@click.option("--group", "groups", type=click.Choice(GROUPS), multiple=True, help="Their group of the alliance.")
@click.option("--display-name", default="", help="How the site addresses them.")
@click.option("--language", type=click.Choice(languages()), default="km", show_default=True)
def invite(name: str, role: str, groups: tuple[str, ...], display_name: str, language: str) -> None:
    """Make an account called NAME and print the link with which they choose a password, once, within a week."""
    with open_backends(read_settings()).database.write() as session:
        token = links.invite(session, name, role, groups, display_name=display_name, language=language)
    _print_link(token)


@users.command()
@click.argument("name")
def reset(name: str) -> None:
    """End the password of NAME and print the link with which they choose another, once, within a week."""
    with open_backends(read_settings()).database.write() as session:
        token = links.reset(session, accounts.named(session, name))
    _print_link(token)


def _print_link(token: str) -> None:
    click.echo(f"/welcome?key={token}")
    click.echo("Put the site's address before it, and hand it over yourself; it is not shown again.", err=True)


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
