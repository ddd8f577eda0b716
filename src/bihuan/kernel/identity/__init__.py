"""Identity: who may? Units with dates, people, roles, delegation, and what each may see."""
