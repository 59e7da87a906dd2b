"""One decorator for everything that is compiled, and one cache that cannot serve stale code.

Numba's own ``cache=True`` looks only at the file in which a function stands: edit a rule and the engine that
inlined it would still run the old one. Here the key of the cache is a digest over *all* sources that are ever
compiled together, so one changed character anywhere gives a new cache.

Flags are decided here and nowhere else: no ``fastmath`` (it breaks NaN tests and equality of the engines),
``nogil`` (threads may share a run), NumPy's rule for division (no exceptions inside kernels), and no reference
counting (``_nrt``): compiled code borrows every array from its caller and allocates nothing. With counting on, the
atomic increments cost forty times the model itself.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import numba
from numba.core import caching
from numba.core.bytecode import FunctionIdentity
from numba.core.compiler import CompilerBase, DefaultPassBuilder, PassManager
from numba.core.compiler_machinery import register_pass
from numba.core.dispatcher import Dispatcher
from numba.core.lowering import Lower
from numba.core.typed_passes import NativeLowering

__all__ = [
    "bound",
    "cache_folder",
    "compiled_sources",
    "forget",
    "kernel",
    "open_rule",
    "own_sources",
    "rule",
    "set_own_sources",
    "sources_digest",
    "step",
]

F = TypeVar("F", bound=Callable[..., Any])
_PACKAGE = Path(__file__).parent
_COMPILED = (
    "rules/*.py", "lifecycle/*.py", "engines/*.py", "births.py", "jit.py", "memory.py", "numerics.py", "parameters.py", "state.py",
    "streams.py", "variates.py", "world.py",
)  # fmt: skip


_bound: dict[Any, Any] = {}
_own = ""
_usual_names = FunctionIdentity._unique_ids


def own_sources() -> str:
    """Sources of rules that stand in place of the model's (`retsim.extension`); empty where none do."""
    return _own


def set_own_sources(text: str) -> None:
    """Let compiled code from now on have a cache and names of its own, by the text of the rules that were put in.

    Numba numbers the functions of a process as it compiles them, and the numbers are kept with the code. Two processes
    give the same number to the same function under different rules; in a process that loads both, the linker would
    take the one that came first for the other.
    """
    global _own
    _own = text
    FunctionIdentity._unique_ids = (
        count(int(hashlib.sha256(text.encode()).hexdigest()[:15], 16)) if text else _usual_names
    )
    sources_digest.cache_clear()


def forget(modules: Iterable[Any]) -> None:
    """Compile everything of these modules anew when it is next called."""
    _bound.clear()
    found: dict[int, Any] = {id(v): v for m in modules for v in vars(m).values() if isinstance(v, Dispatcher)}
    for dispatcher in found.values():
        dispatcher._reset_overloads()
        if isinstance(dispatcher._cache, _DigestCache):
            dispatcher._cache = _DigestCache(dispatcher.py_func)


@cache
def sources_digest() -> str:
    """Digest over every source that is compiled, the version of numba, and this Python."""
    text = hashlib.sha256(f"numba {numba.__version__}{_own}".encode())
    for path in compiled_sources():
        text.update(path.name.encode() + b"\0" + path.read_bytes())
    return text.hexdigest()[:24]


def compiled_sources() -> list[Path]:
    """Every source that is compiled: a function that is compiled and stands elsewhere would be served stale."""
    return [path for pattern in _COMPILED for path in sorted(_PACKAGE.glob(pattern))]


def cache_folder() -> Path:
    """Folder of compiled code: ``$RETSIM_CACHE``, else the user's cache folder."""
    root = os.environ.get("RETSIM_CACHE") or os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(root) / "retsim" / sources_digest()


class _DigestLocator(caching._CacheLocator):  # type: ignore[misc]
    """Places a function's compiled code by the digest of all sources."""

    def __init__(self, py_func: Callable[..., Any], py_file: str) -> None:
        self._py_file = py_file
        self._lineno = py_func.__code__.co_firstlineno
        self._module = py_func.__module__

    def get_cache_path(self) -> str:
        return str(cache_folder())

    def get_source_stamp(self) -> str:
        own = Path(self._py_file)
        if _PACKAGE in own.parents or not own.exists():
            return sources_digest()
        return sources_digest() + hashlib.sha256(own.read_bytes()).hexdigest()

    def get_disambiguator(self) -> str:
        return f"{self._module}-{self._lineno}"

    @classmethod
    def from_function(cls, py_func: Callable[..., Any], py_file: str) -> _DigestLocator | None:
        self = cls(py_func, py_file)
        try:
            self.ensure_cache_path()
        except OSError:
            return None
        return self


class _Implementation(caching.CompileResultCacheImpl):  # type: ignore[misc]
    _locator_classes: ClassVar = [_DigestLocator]


class _DigestCache(caching.FunctionCache):  # type: ignore[misc]
    _impl_class = _Implementation

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """What was kept; a rule of one's own whose module is not there any more is compiled anew."""
        try:
            return super().load_overload(sig, target_context)
        except ModuleNotFoundError:
            return None


def rule(function: F) -> F:
    """Compile a rule: a pure function that other compiled code calls and LLVM may inline."""
    return numba.njit(nogil=True, error_model="numpy", forceinline=True, _nrt=False)(function)


def open_rule(function: F) -> F:
    """Compile a rule that Python calls, too, with its code in the cache: no process has to compile it again."""
    return _kept(rule(function))


class _LowerApart(Lower):  # type: ignore[misc]
    """Marks a function as never to be inlined."""

    def setup_function(self, fndesc: Any) -> None:
        super().setup_function(fndesc)
        self.function.attributes.add("noinline")


@register_pass(mutates_CFG=True, analysis_only=False)
class _ApartLowering(NativeLowering):  # type: ignore[misc]
    _name = "apart_lowering"

    @property
    def lowering_class(self) -> type[Lower]:
        return _LowerApart


class _ApartCompiler(CompilerBase):  # type: ignore[misc]
    """Numba's own way of compiling, but for the last pass."""

    def define_pipelines(self) -> list[PassManager]:
        usual = DefaultPassBuilder.define_nopython_pipeline(self.state)
        apart = PassManager("apart")
        apart.passes = [(_ApartLowering if what is NativeLowering else what, why) for what, why in usual.passes]
        apart.finalize()
        return [apart]


def step(function: F) -> F:
    """Compile a step of a customer's life: called by other compiled code and never inlined.

    What happens now and then stays out of the loops that are always run, and is compiled once instead of once a caller.
    """
    return numba.njit(nogil=True, error_model="numpy", forceinline=False, _nrt=False, pipeline_class=_ApartCompiler)(
        function
    )


def kernel(function: F) -> F:
    """Compile a function that Python calls, and keep its code in the cache."""
    return _kept(numba.njit(nogil=True, error_model="numpy", forceinline=False, _nrt=False)(function))


def bound(function: F, *examples: Any) -> F:
    """A kernel for arguments of the types of `examples`, which must be of no other types whenever it is called.

    Who calls a kernel at every tick saves what numba takes to find out what the arguments are, two microseconds where
    records or tuples are among them: as much as all programmes take of a firm that has none.
    """
    if not isinstance(function, Dispatcher):
        return function
    if function not in _bound:
        _bound[function] = function.compile(tuple(numba.typeof(example) for example in examples))
    entry: F = _bound[function]
    return entry


def _kept(dispatcher: Any) -> Any:
    if not numba.config.DISABLE_JIT:
        try:
            dispatcher._cache = _DigestCache(dispatcher.py_func)
        except RuntimeError:
            # A read-only home still computes: it only compiles anew in each process.
            return dispatcher
    return dispatcher
