"""A hint to the memory: fetch the cache line of one array element before it is needed.

A hint changes no result, so any index is allowed, and without the compiler it is nothing at all.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

__all__ = ["prefetch"]

_FOR_WRITING = 1
_KEEP_IN_ALL_CACHES = 3
_DATA_NOT_CODE = 1


def _ignore(array: np.ndarray, index: int) -> None:
    """Stand in for the hint where the compiler is switched off."""


@intrinsic
def _prefetch(typing_context: Any, array: types.Array, index: types.Integer) -> Any:
    """Emit ``llvm.prefetch`` for ``array[index]``, with the intent to write."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        struct = context.make_array(signature.args[0])(context, builder, arguments[0])
        address = builder.gep(struct.data, [context.cast(builder, arguments[1], index, types.uintp)])
        byte, word = ir.IntType(8).as_pointer(), ir.IntType(32)
        hint = cgutils.get_or_insert_function(
            builder.module, ir.FunctionType(ir.VoidType(), [byte, word, word, word]), "llvm.prefetch.p0i8"
        )
        flags = [ir.Constant(word, flag) for flag in (_FOR_WRITING, _KEEP_IN_ALL_CACHES, _DATA_NOT_CODE)]
        builder.call(hint, [builder.bitcast(address, byte), *flags])
        return context.get_dummy_value()

    return types.void(array, index), emit


prefetch: Any = _ignore if numba.config.DISABLE_JIT else _prefetch
