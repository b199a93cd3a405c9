"""A protocol as the doctor asks it (`data.doctor.unmatchable.Rule`): whom it asks, what it searches and drops."""

from __future__ import annotations

from dataclasses import dataclass

from sameperson.data.dataset import Dataset
from sameperson.evaluate.protocols.apply import settle
from sameperson.evaluate.protocols.definition import Protocol
from sameperson.evaluate.protocols.rules import Mask, asked, dropped, searched
from sameperson.types import Rows, Samples


@dataclass(frozen=True)
class Examining:
    """A protocol with nothing left to decide."""

    protocol: Protocol

    @classmethod
    def of(cls, protocol: Protocol, dataset: Dataset | None) -> Examining:
        """The protocol as `evaluate` would settle it for a dataset."""
        if dataset is None:
            return cls(protocol)
        queries = dataset.query.take(asked(protocol, dataset.query))
        return cls(settle(protocol, queries, dataset.gallery.take(searched(protocol, dataset.gallery)))[0])

    @property
    def name(self) -> str:
        """See `Rule`."""
        return self.protocol.name

    @property
    def clothes(self) -> str:
        """See `Rule`."""
        return self.protocol.clothes

    def asks(self, queries: Samples) -> Mask:
        """See `Rule`."""
        return asked(self.protocol, queries)

    def searches(self, pictures: Samples) -> Mask:
        """See `Rule`."""
        return searched(self.protocol, pictures)

    def drops(self, queries: Samples, row: Rows, pictures: Samples, column: Rows) -> Mask:
        """See `Rule`."""
        return dropped(self.protocol, queries, row, pictures, column)
