"""What the library is given of X, y and weights: arrays as tables, and rows that are equal as one row.

A row of weight 2 is the row twice, and a row of weight 0 is no row. So that this holds of all that is done with rows,
scaling and cross-validation too, rows that are equal in X and y are put together, and their weights added; where that
happens, or where weights differ, rows are put into an order that depends on what they hold and not on where they
stood. Where no two rows are equal and all count alike, X is left as it is.
"""
import io

import numpy as np
from sklearn.utils.validation import check_X_y

_FACTOR = np.uint64(0x9E3779B97F4A7C15)


def _hashes(X, y):
    """A number for each row, the same for rows that are equal in their bits."""
    hashes = np.zeros(len(y), dtype=np.uint64)
    for column in [*X.T, y]:
        hashes ^= np.ascontiguousarray(column, dtype=np.float64).view(np.uint64)
        hashes *= _FACTOR
        hashes ^= hashes >> np.uint64(29)
    return hashes


def _same(X, y, some, others):
    """Whether rows `some` are the rows `others`, one by one."""
    if not np.array_equal(y[some], y[others]):
        return False
    size = max(1, 2**22 // X.shape[1])
    return all(np.array_equal(X[some[i:i + size]], X[others[i:i + size]]) for i in range(0, len(some), size))


def merged(X, y, weights):
    """X, y and weights (None: all alike), each different row once. y: numbers; weights: above 0."""
    hashes = _hashes(X, y)
    order = np.argsort(hashes, kind="stable")
    fresh = np.concatenate([[True], hashes[order][1:] != hashes[order][:-1]])
    alike = weights is None or (weights == weights[0]).all()
    if fresh.all() and alike:
        return X, y, None
    again = np.flatnonzero(~fresh)
    if not _same(X, y, order[again - 1], order[again]):  # two rows of one hash: of 10^6 rows, one time in 10^7
        table = np.column_stack([X, y])
        order = np.lexsort(table.T)
        fresh = np.concatenate([[True], (table[order][1:] != table[order][:-1]).any(axis=1)])
    first = np.flatnonzero(fresh)
    ones = np.ones(len(y)) if weights is None else weights
    sums = np.add.reduceat(ones[order], first)
    X, y = X[order[first]], y[order[first]]
    return X, y, None if (sums == sums[0]).all() else sums


def with_weights(X, weights):
    """The array that the library reads: weights are its last column."""
    return X if weights is None else np.column_stack([X, weights])


def as_npy(array):
    """The array as a file in NPY's format."""
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def as_npz(X, y):
    """X and y as an archive, as `nadir-verify` reads it."""
    file = io.BytesIO()
    np.savez(file, X=X, y=y)
    return file.getvalue()


def readable(X):
    """X, or a copy of it where its rows or columns do not lie one after the other, or its bytes are swapped."""
    if not X.dtype.isnative:
        X = X.astype(X.dtype.newbyteorder("="))
    return X if X.flags.c_contiguous or X.flags.f_contiguous else np.ascontiguousarray(X)


def checked(X, y):
    """Rows and targets as `certify` and `verify` take them: labels that are whole numbers stay so."""
    X, y = check_X_y(X, y, accept_sparse=False, dtype=[np.float64, np.float32])
    return readable(X), np.asarray(y, dtype=np.int64 if np.asarray(y).dtype.kind in "iub" else np.float64)
