"""The demonstration city: 聊城's territory as it is, its offices and people as they could be.

Codes, names and outlines of counties and townships are public facts (liaocheng.json, with its sources).
Which township a functional zone runs, the departments and all people are made up for demonstration, save
what the source documents tell. Nothing here reaches Django; the seeding reads it through services.
"""
