"""An outcome as bytes and back: JSON for what has names, the bare bits of its arrays, and no code at all."""

from __future__ import annotations

import json
import math
import struct
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from retsim.experiments.replicate import Outcome

_ARRAYS = ("path", "departures", "flows", "lives", "tenure")
_HEAD = struct.Struct("<I")
_TYPES = {"<f8": "f8", "<i2": "i8", "<i4": "i8", "<i8": "i8"}
"""Of arrays in the store, and what they become: counts are kept in as few bytes as hold them."""

__all__ = ["pack", "unpack"]


def pack(outcome: Outcome) -> bytes:
    """Everything of an outcome but the names that a study gives it: scenario and replication."""
    arrays = [_narrow(np.ascontiguousarray(getattr(outcome, name))) for name in _ARRAYS]
    head = {
        "digest": outcome.digest,
        # As hexadecimal text, which has every bit, infinity and NaN included.
        "measures": {name: float(value).hex() for name, value in outcome.measures.items()},
        "arrays": [[array.dtype.str, list(array.shape)] for array in arrays],
    }
    text = json.dumps(head).encode("ascii")
    return zlib.compress(b"".join([_HEAD.pack(len(text)), text, *(array.tobytes() for array in arrays)]), 1)


def unpack(bits: bytes, scenario: str, replication: int) -> Outcome:
    """The outcome that was packed.

    Raises
    ------
    ValueError
        These are not the bits of an outcome.
    """
    try:
        content = zlib.decompress(bits)
        (length,) = _HEAD.unpack_from(content)
        head: dict[str, Any] = json.loads(content[_HEAD.size : _HEAD.size + length])
        measures = {str(name): float.fromhex(value) for name, value in head["measures"].items()}
        arrays = dict(zip(_ARRAYS, _arrays(content, _HEAD.size + length, head["arrays"]), strict=True))
        return Outcome(scenario, replication, str(head["digest"]), measures, **arrays)
    except (zlib.error, struct.error, LookupError, TypeError, AttributeError, ValueError) as error:
        raise ValueError(f"is no packed outcome: {error}") from None


def _narrow(array: np.ndarray) -> np.ndarray:
    """The same values in as few bytes as hold them, the least byte first."""
    if array.dtype.kind == "i" and array.size:
        least = np.promote_types(np.min_scalar_type(array.min()), np.min_scalar_type(array.max()))
        signed = np.promote_types(least, np.int16)
        array = array.astype(signed) if signed.kind == "i" else array
    return array.astype(array.dtype.newbyteorder("<"), copy=False)


def _arrays(content: bytes, start: int, kinds: list[Any]) -> Iterator[np.ndarray]:
    for kind, shape in kinds:
        if kind not in _TYPES:
            raise ValueError(f"array of {kind!r:.20}")
        count = math.prod(shape)
        # A copy of its own, so that one small array does not hold all the bytes of the row.
        yield np.frombuffer(content, kind, count, start).reshape(shape).astype(_TYPES[kind])
        start += np.dtype(kind).itemsize * count
    if start != len(content):
        raise ValueError(f"{len(content) - start} bytes too many")
