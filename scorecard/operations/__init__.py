"""All writes of the council's part: keyword-only, `by=` whom, one transaction."""

from scorecard.operations.chain import ChainError, store_chain
from scorecard.operations.judgements import judge_goal

__all__ = [
    "ChainError",
    "judge_goal",
    "store_chain",
]
