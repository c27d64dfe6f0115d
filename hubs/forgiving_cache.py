"""A cache that may go away: while Redis does not answer, everything is a miss and pages go on.

Limits on how often somebody may ask are counted in the cache, and are not kept meanwhile.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.cache.backends.redis import RedisCache
from redis.exceptions import ConnectionError as NoConnection
from redis.exceptions import TimeoutError as NoAnswer

log = logging.getLogger(__name__)


def _or_else(method: Callable, otherwise: Any) -> Callable:
    @wraps(method)
    def forgiving(self, *args, **kwargs):
        try:
            return method(self, *args, **kwargs)
        except (NoConnection, NoAnswer) as error:
            log.warning("the cache does not answer: %s", type(error).__name__)
            return otherwise

    return forgiving


class ForgivingRedisCache(RedisCache):
    def get(self, key, default=None, version=None):
        return _or_else(RedisCache.get, default)(self, key, default, version)

    def get_many(self, keys, version=None):
        return _or_else(RedisCache.get_many, {})(self, keys, version)

    def incr(self, key, delta=1, version=None):
        found = _or_else(RedisCache.incr, None)(self, key, delta, version)
        if found is None:
            raise ValueError(f"Key {key!r} not found.")  # what Django's caches say of a key that is not there
        return found

    add = _or_else(RedisCache.add, True)
    set = _or_else(RedisCache.set, None)
    set_many = _or_else(RedisCache.set_many, [])
    touch = _or_else(RedisCache.touch, False)
    delete = _or_else(RedisCache.delete, False)
    delete_many = _or_else(RedisCache.delete_many, None)
    has_key = _or_else(RedisCache.has_key, False)
    clear = _or_else(RedisCache.clear, False)
