"""Password hashing at the strength OWASP names, which a district's Monday morning can pay for."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class PortalArgon2PasswordHasher(Argon2PasswordHasher):
    """Argon2id with 19 MiB, two passes, one lane (OWASP Password Storage Cheat Sheet): about 21 ms of CPU."""

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1
