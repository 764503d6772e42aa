"""Words that several threads change at once: reading one, adding to one, replacing one if it is still what it was.

Without the compiler these are ordinary statements, so only one thread may run then.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numba.core import types
from numba.extending import intrinsic

__all__ = ["add", "load", "replace"]


def _load_plain(array: np.ndarray, index: np.uint64) -> Any:
    return array[index]


def _add_plain(array: np.ndarray, index: np.uint64, value: np.uint32) -> None:
    array[index] += value


def _replace_plain(array: np.ndarray, index: np.uint64, old: np.uint32, new: np.uint32) -> bool:
    if array[index] != old:
        return False
    array[index] = new
    return True


def _address(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    struct = context.make_array(signature.args[0])(context, builder, arguments[0])
    return builder.gep(struct.data, [context.cast(builder, arguments[1], signature.args[1], types.uintp)])


@intrinsic
def _load(typing_context: Any, array: types.Array, index: types.Integer) -> Any:
    """Read ``array[index]``, always from memory and never in part."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        width = context.get_abi_sizeof(context.get_data_type(array.dtype))
        return builder.load_atomic(_address(context, builder, signature, arguments), "monotonic", width)

    return array.dtype(array, index), emit


@intrinsic
def _add(typing_context: Any, array: types.Array, index: types.Integer, value: Any) -> Any:
    """Add ``value`` to ``array[index]``; nothing that others add meanwhile is lost."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        added = context.cast(builder, arguments[2], signature.args[2], array.dtype)
        builder.atomic_rmw("add", _address(context, builder, signature, arguments), added, "monotonic")
        return context.get_dummy_value()

    return types.void(array, index, value), emit


@intrinsic
def _replace(typing_context: Any, array: types.Array, index: types.Integer, old: Any, new: Any) -> Any:
    """Set ``array[index]`` to ``new`` if it is ``old``; say whether it was."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        address = _address(context, builder, signature, arguments)
        values = [
            context.cast(builder, value, kind, array.dtype)
            for value, kind in zip(arguments[2:], signature.args[2:], strict=True)
        ]
        result = builder.cmpxchg(address, *values, ordering="monotonic", failordering="monotonic")
        return builder.extract_value(result, 1)

    return types.boolean(array, index, old, new), emit


add: Any = _add_plain if numba.config.DISABLE_JIT else _add
load: Any = _load_plain if numba.config.DISABLE_JIT else _load
replace: Any = _replace_plain if numba.config.DISABLE_JIT else _replace
