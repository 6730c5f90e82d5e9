"""Whose write it is."""

from django.contrib.auth.models import AbstractBaseUser

# None: the program itself, e.g. the clock or a command.
User = AbstractBaseUser | None
