"""Who arrives: the person of an account that a provider proved.

An account is connected with a person once: through the link of an invitation, by a verified e-mail
address that is one person's alone, or by registering who is new where the provider may. After that
the e-mail address means nothing any more.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID

from okr_es.application import Okr
from okr_es.commands import RegisterPerson
from okr_es.context import Context
from okr_es.domain.refusals import Refusal
from okr_es.ids import ordered_id
from okr_es.people.addresses import people_with
from okr_es.people.identities import Identities
from web.oidc.exchange import Account, NotProven
from web.oidc.providers import Provider

# Two requests of one new account register one person; several processes do so at the worst.
ONE_AT_A_TIME = threading.Lock()


class Arrival(NamedTuple):
    """A person, and how their account is connected now: None where it was connected before."""

    person_id: UUID
    connected_by: str | None


class Arrivals:
    """Finds the people of accounts, and connects those that are new."""

    def __init__(self, okr: Okr) -> None:
        self.okr = okr
        self.identities = Identities(okr.directory)

    def person_of(self, account: Account, provider: Provider, invited: UUID | None) -> Arrival:
        """Return whose account it is, or could be connected with; connect nothing.

        `invited` is whom the link of an invitation is for. Raises NotProven, with the person where
        they are known.
        """
        known = self.identities.person_of(account.identity)
        if known is not None and invited not in {None, known}:
            raise NotProven("account-of-another")
        person = known or invited
        if person is None:
            return self.newcomer(account, provider)
        self.require_there(person)
        return Arrival(person, None if known else "invitation")

    def newcomer(self, account: Account, provider: Provider) -> Arrival:
        """Return who is to be connected with a new account, a new id where nobody is there yet."""
        email = account.email
        if email is not None and provider.takes(email):
            people = people_with(self.okr.directory, email)
            there = [each for each in people if self.is_there(each)]
            if len(there) > 1:
                raise NotProven("email-of-several")
            if there:
                self.require_first(there[0], account)
                return Arrival(there[0], "email")
            if people:
                raise NotProven("gone", people[0])
        elif provider.email_domains:
            raise NotProven("email-domain" if email else "email-not-verified")
        if not provider.provision:
            raise NotProven("unknown" if email else "email-not-verified")
        return Arrival(ordered_id(), "registration")

    def connect(self, arrival: Arrival, account: Account) -> None:
        """Connect a person with their account, after registering who is new. Raises NotProven."""
        if arrival.connected_by == "registration":
            self.register(arrival.person_id, account)
        if not self.identities.connect(arrival.person_id, account.identity):
            raise NotProven("connected-meanwhile")

    def register(self, person: UUID, account: Account) -> None:
        """Register a person in their own name, as the first person does."""
        name = account.name or account.email
        if name is None:
            raise NotProven("no-name")
        command = RegisterPerson(name, account.email, person)
        self.okr.execute(command, Context(person, origin="page"))

    def require_first(self, person: UUID, account: Account) -> None:
        """Refuse a second account of one provider: its address may be somebody else's by now."""
        issuers = {each.issuer for each in self.identities.of(person)}
        if account.identity.issuer in issuers:
            raise NotProven("connected-otherwise", person)

    def require_there(self, person: UUID) -> None:
        """Refuse who left or was erased."""
        if not self.is_there(person):
            raise NotProven("gone", person)

    def is_there(self, person: UUID) -> bool:
        """Return whether a person is registered, did not leave, and was not erased."""
        try:
            self.okr.require_person(person)
        except Refusal:
            return False
        return True


def connected(
    arrivals: Arrivals,
    account: Account,
    provider: Provider,
    invited: UUID | None,
    record: Callable[[Arrival], None],
) -> UUID:
    """Return the person of an account, connected with it; what connects is recorded first.

    Raises NotProven.
    """
    arrival = arrivals.person_of(account, provider, invited)
    if arrival.connected_by is None:
        return arrival.person_id
    with ONE_AT_A_TIME:
        arrival = arrivals.person_of(account, provider, invited)
        if arrival.connected_by is not None:
            record(arrival)
            arrivals.connect(arrival, account)
    return arrival.person_id
