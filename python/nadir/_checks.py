"""What arguments must be, for functions that hand arrays to the library as they are."""
from operator import index

import numpy as np


def numbers(values, dimensions, name):
    """As an array of finite numbers, its rows one after the other."""
    array = np.ascontiguousarray(values, dtype=np.float64)
    if array.ndim != dimensions:
        raise ValueError(f"{name} has {array.ndim} dimensions; {dimensions} are wanted")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} holds numbers that are not finite")
    return array


def seed_of(seed):
    if not 0 <= index(seed) < 2**64:
        raise ValueError(f"seed is {seed}; it must be a whole number in [0, 2^64)")
    return index(seed)
