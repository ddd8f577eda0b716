"""Certificates hold personal data of cases: anonymising a case is told of them."""

from django.apps import AppConfig


class CertificatesConfig(AppConfig):
    name = "bihuan.kernel.certificates"

    def ready(self) -> None:
        from bihuan.kernel.cases.personal import ERASERS  # models can be imported only now
        from bihuan.kernel.certificates.forgetting import certificates_forget

        ERASERS.append(certificates_forget)
