"""Tags as a scenario writes them: ranges of what the customer database says, and programmes kept for a tag (R21)."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import StringConstraints, model_validator

from retsim.crm.tags import FIGURES, PROGRAMMES
from retsim.parameters import Parameter
from retsim.scenario.fields import Model, described, number, reject

P = Parameter

_MOST = 1e12

__all__ = ["Only", "Range", "Tag"]


class Range(Model):
    """A range of one figure of the database; at least one end must be given."""

    at_least: float | None = number(P(0.0, "as the figure", 0, _MOST, "lower end, included"), None)
    below: float | None = number(P(0.0, "as the figure", 0, _MOST, "upper end, excluded"), None)

    @model_validator(mode="after")
    def _some(self) -> Range:
        if self.at_least is None and self.below is None:
            raise reject("must have at_least or below")
        if self.below == 0.0:
            raise reject("must lie above 0: no figure is less, so nobody would have the tag", at="below")
        if self.at_least is not None and self.below is not None and self.at_least >= self.below:
            raise reject(f"must have at_least ({self.at_least:g}) less than below ({self.below:g})")
        return self


def _range(meaning: str) -> Any:
    return described(meaning, None)


class Tag(Model):
    """Who gets a label: those whose figures in the firm's database lie within every range that is given."""

    tenure: Range | None = _range("Months since joining.")
    recency: Range | None = _range("Months since the last purchase or bill.")
    frequency: Range | None = _range("Purchases or bills so far.")
    revenue: Range | None = _range("Money billed so far.")
    complaints: Range | None = _range("Complaints so far.")
    recent_complaints: Range | None = _range("Complaints, weighted by exp(-months ago / 3).")
    contract_left: Range | None = _range("Months to the end of the contract, 0 where there is none.")
    answer: Range | None = _range(
        "Satisfaction as last told in a survey, 0 to 1; who never answered has no such figure."
    )
    answer_age: Range | None = _range("Months since that answer.")

    @model_validator(mode="after")
    def _some(self) -> Tag:
        if not self.ranges():
            raise reject(f"must have a range of one of {', '.join(FIGURES)}")
        if self.answer is not None and self.answer.at_least is not None and self.answer.at_least > 1.0:
            raise reject("must be at most 1, the best answer: nobody would have the tag", at="answer.at_least")
        return self

    def ranges(self) -> dict[str, Range]:
        """The ranges that are given, by figure."""
        return {name: ends for name in FIGURES if (ends := getattr(self, name)) is not None}


TagName = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class Only(Model):
    """For whom programmes are kept: by programme the name of a tag."""

    price: TagName | None = described("Coupons only for those with this tag.", None)
    contact: TagName | None = described("Contact only for those with this tag.", None)
    core: TagName | None = described("The tier of core customers only for those with this tag.", None)
    win_back: TagName | None = described("Only those lapsed are asked back who have this tag.", None)
    survey: TagName | None = described("Only those with this tag are asked.", None)

    def by_programme(self) -> dict[str, str]:
        """Tags by programme, of those programmes that are kept for some."""
        return {name: tag for name in PROGRAMMES if (tag := getattr(self, name)) is not None}
