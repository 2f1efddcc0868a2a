"""The path must be a cheapest one: checked against every path there is."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest

from ingest.engines.dtw import path


def cheapest(costs: np.ndarray) -> float:
    @lru_cache(None)
    def best(row: int, column: int) -> float:
        if row < 0 or column < 0:
            return float("inf")
        before = min(best(row - 1, column), best(row, column - 1), best(row - 1, column - 1))
        return float(costs[row, column]) + (0.0 if row == column == 0 else before)

    return best(costs.shape[0] - 1, costs.shape[1] - 1)


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (6, 1), (5, 9), (12, 40), (9, 4)])
def test_the_path_is_a_cheapest_one_from_corner_to_corner(shape: tuple[int, int]) -> None:
    costs = np.random.default_rng(sum(shape)).normal(size=shape)
    rows, columns = path(costs)
    assert (rows[0], columns[0]) == (0, 0)
    assert (rows[-1], columns[-1]) == (shape[0] - 1, shape[1] - 1)
    steps = {(int(down), int(right)) for down, right in zip(np.diff(rows), np.diff(columns), strict=True)}
    assert steps <= {(0, 1), (1, 0), (1, 1)}
    assert costs[rows, columns].sum() == pytest.approx(cheapest(costs))
