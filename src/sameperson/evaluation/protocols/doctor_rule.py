"""A protocol as the rule by which the doctor finds unmatchable queries (`data.doctor.unmatchable.Rule`)."""

from __future__ import annotations

from dataclasses import dataclass

from sameperson.data.dataset import Dataset
from sameperson.evaluation.protocols.apply import settle
from sameperson.evaluation.protocols.definition import Protocol
from sameperson.evaluation.protocols.rules import Mask, asked, dropped, searched
from sameperson.types import Rows, Samples


@dataclass(frozen=True)
class ProtocolRule:
    """A settled protocol as a `Rule` of the doctor."""

    protocol: Protocol

    @classmethod
    def of(cls, protocol: Protocol, dataset: Dataset | None) -> ProtocolRule:
        """Settle the protocol for a dataset, as `evaluate` would."""
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
