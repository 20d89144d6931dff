"""A verdict on a claim, and its export as ClaimReview of schema.org."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from entrepot.claims.reading.read import Proposal

CONSISTENT = "consistent"
INCONSISTENT = "inconsistent"
CANNOT = "cannot tell"
RATINGS = {CONSISTENT: 5, INCONSISTENT: 1}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found on a claim.

    about : ids of commitments, projects and events it was compared with
    """

    claim: Proposal
    verdict: str
    reason: str
    source_id: tuple[str, ...] = ()
    about: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        c = self.claim
        return {
            "quote": c.quote,
            "start": c.start,
            "end": c.end,
            "kind": c.kind,
            "measure": c.measure,
            "low": c.low,
            "high": c.high,
            "unit": c.unit,
            "period": c.period,
            "negated": c.negated,
            "verdict": self.verdict,
            "reason": self.reason,
            "about": list(self.about),
            "source_id": list(self.source_id),
        }


def claim_review(
    verdicts: Sequence[Verdict], urls: Mapping[str, str], reviewed_on: str, title: str = ""
) -> dict[str, Any]:
    """JSON-LD with a ClaimReview for each verdict.

    urls        : address of each source; sources without one are named by their id
    reviewed_on : day of the review, 2026-06-30
    title       : name of the text
    `cannot tell` carries no number, because none would be true.
    """
    graph = []
    for v in verdicts:
        rating: dict[str, Any] = {"@type": "Rating", "alternateName": v.verdict}
        if v.verdict in RATINGS:
            rating |= {"ratingValue": RATINGS[v.verdict], "bestRating": 5, "worstRating": 1}
        item: dict[str, Any] = {"@type": "Claim", "text": v.claim.quote}
        if v.claim.who:
            item["author"] = {"@type": "Thing", "name": v.claim.who}
        if title:
            item["appearance"] = {"@type": "CreativeWork", "name": title}
        review = {
            "@type": "ClaimReview",
            "claimReviewed": v.claim.sentence,
            "itemReviewed": item,
            "reviewRating": rating,
            "reviewBody": v.reason,
            "datePublished": reviewed_on,
            "author": {"@type": "Organization", "name": "entrepot"},
        }
        if v.source_id:
            review["citation"] = [urls.get(s) or s for s in v.source_id]
        graph.append(review)
    return {"@context": "https://schema.org", "@graph": graph}
