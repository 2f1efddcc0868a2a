"""The cheapest way through a grid of costs: which token is being said at which step of the sound.

openai-whisper compiles this with numba on first use, some ten seconds that a short recording cannot win back. Cells on
one anti-diagonal do not depend on each other, so numpy computes a diagonal at a time, in milliseconds.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Costs = NDArray[np.float64]
Indices = NDArray[np.int64]


def path(costs: Costs) -> tuple[Indices, Indices]:
    """Dynamic time warping from the first cell to the last.

    Args:
        costs: shape (rows, columns), both at least 1; a step goes down, right, or both at once.

    Returns:
        Row and column of every cell on the cheapest path, both ascending. Ties prefer moving right.
    """
    rows, columns = costs.shape
    # Cell (i, j) is kept at [i + j, i], so a diagonal is one row of the table and its neighbours are shifted slices.
    skewed = np.full((rows + columns - 1, rows), np.inf)
    for row in range(rows):
        skewed[row : row + columns, row] = costs[row]
    total = np.full((rows + columns + 1, rows + 1), np.inf)
    total[0, 0] = 0.0
    came = np.zeros((rows + columns - 1, rows), dtype=np.int8)
    for diagonal in range(rows + columns - 1):
        both, down, right = total[diagonal, :-1], total[diagonal + 1, :-1], total[diagonal + 1, 1:]
        options = np.stack((both, down, right))
        best = np.where((both < down) & (both < right), 0, np.where((down < both) & (down < right), 1, 2))
        came[diagonal] = best
        total[diagonal + 2, 1:] = np.take_along_axis(options, best[None], 0)[0] + skewed[diagonal]
    return _walk_back(came, rows, columns)


def _walk_back(came: NDArray[np.int8], rows: int, columns: int) -> tuple[Indices, Indices]:
    row, column = rows - 1, columns - 1
    cells = [(row, column)]
    while row or column:
        step = came[row + column, row]
        if column == 0 or (row and step != 2):
            row, column = (row - 1, column if step == 1 or column == 0 else column - 1)
        else:
            column -= 1
        cells.append((row, column))
    walked = np.array(cells[::-1], dtype=np.int64)
    return walked[:, 0], walked[:, 1]
