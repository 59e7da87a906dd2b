"""Memory at an address, as compiled code and plain Python see it: records, numbers, and how they are changed.

Machine code is built by hand here, and for the bits of floats in `retsim.numerics`. With ``NUMBA_DISABLE_JIT=1`` the
same functions read and write the same memory from Python.
"""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
import numpy.typing as npt
from llvmlite import ir
from numba import config, from_dtype, int64, types
from numba.extending import intrinsic


class _Row:
    """A record in plain Python: fields as attributes, small numbers widened as compiled code widens them."""

    __slots__ = ("_row",)

    def __init__(self, row: Any) -> None:
        object.__setattr__(self, "_row", row)

    def __getattr__(self, name: str) -> Any:
        value = self._row[name]
        return _WIDE[value.dtype.str[1:]](value) if value.dtype.str[1:] in _WIDE else value

    def __setattr__(self, name: str, value: Any) -> None:
        self._row[name] = value


_WIDE: dict[str, Any] = {"i2": np.int64, "u1": np.int64, "u2": np.int64, "u4": np.int64, "f4": np.float64}


def seen(record: npt.NDArray[Any]) -> Any:
    """What a kernel takes in place of an array of one record."""
    return [_Row(record[0])] if config.DISABLE_JIT else record


def record_at(dtype: np.dtype[np.void]) -> Any:
    """A reader of a record of this type at an address."""
    if config.DISABLE_JIT:
        return lambda address: _Row(_view(address, dtype)[0])
    record = from_dtype(dtype)

    @intrinsic
    def at(typing_context: Any, address: Any) -> Any:
        def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return builder.inttoptr(arguments[0], context.get_value_type(record))

        return record(int64), build

    return at


def _number_at(kind: Any) -> Any:
    """A reader of one number of this type at an address."""
    if config.DISABLE_JIT:
        return lambda address: _view(address, np.dtype(str(kind)))[0]

    @intrinsic
    def at(typing_context: Any, address: Any) -> Any:
        def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            pointer = builder.inttoptr(arguments[0], context.get_value_type(kind).as_pointer())
            return builder.load(pointer)

        return kind(int64), build

    return at


def _view(address: int, dtype: np.dtype[Any]) -> npt.NDArray[Any]:
    memory: Any = (ctypes.c_char * dtype.itemsize).from_address(int(address))
    return np.frombuffer(memory, dtype)


@intrinsic
def _add_compiled(typing_context: Any, address: Any, n: Any) -> Any:
    """Add to the int64 at an address."""

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointer = builder.inttoptr(arguments[0], ir.IntType(64).as_pointer())
        builder.store(builder.add(builder.load(pointer), arguments[1]), pointer)
        return context.get_dummy_value()

    return types.void(int64, int64), build


@intrinsic
def _store_compiled(typing_context: Any, address: Any, x: Any) -> Any:
    """Write a float64 at an address."""

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        builder.store(arguments[1], builder.inttoptr(arguments[0], ir.DoubleType().as_pointer()))
        return context.get_dummy_value()

    return types.void(int64, types.float64), build


@intrinsic
def _prefetch_compiled(typing_context: Any, address: Any) -> Any:
    """Ask for a cache line; a wrong address does no harm."""

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        byte, word = ir.IntType(8).as_pointer(), ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [byte, word, word, word])
        prefetch = builder.module.declare_intrinsic("llvm.prefetch", [byte], kind)
        line = builder.inttoptr(arguments[0], byte)
        builder.call(prefetch, [line, word(1), word(3), word(1)])
        return context.get_dummy_value()

    return types.void(int64), build


def _prefetch_plain(address: int) -> None:
    """Plain Python has no cache to fill."""


prefetch = _prefetch_plain if config.DISABLE_JIT else _prefetch_compiled


def _store_plain(address: int, x: float) -> None:
    _view(address, np.dtype(np.float64))[0] = x


store_at = _store_plain if config.DISABLE_JIT else _store_compiled


def _add_plain(address: int, n: int) -> None:
    _view(address, np.dtype(np.int64))[0] += n


add_at = _add_plain if config.DISABLE_JIT else _add_compiled


float_at, int_at = _number_at(types.float64), _number_at(types.int64)
