"""Whether the broker answers, asked without waiting long."""

import redis
from django.conf import settings

SECONDS = 2


def broker_answers() -> bool:
    """Whether work can be given to a worker now."""
    url = settings.CELERY_BROKER_URL.replace("redis+socket://", "unix://", 1)
    try:
        client = redis.Redis.from_url(url, socket_timeout=SECONDS, socket_connect_timeout=SECONDS)
        with client:
            return bool(client.ping())
    except redis.RedisError:
        return False
