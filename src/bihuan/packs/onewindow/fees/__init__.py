"""What an application costs by its item: told when it is granted, entered as paid or waived at the window, before the certificate is made."""
