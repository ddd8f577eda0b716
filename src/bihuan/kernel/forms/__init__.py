"""Declarative forms: what is asked is data, in versions; one check, one renderer, for window, web and telephone.

A form is a JSON Schema 2020-12 of type "object". How it is written (`schema.py` refuses all else, in words):

- A field stands under `properties` with `title` and, for English, `x-title-en`; a hint is `description` and `x-description-en`.
- Kinds: "string" (a line; `x-long` true: several lines), with `format` "date", "uscc", "id-number", "phone" or "place"; "string" with
  `enum` or with `oneOf` of {const, title, x-title-en} (one of); "integer" and "number" with `minimum`, `maximum`, `x-unit`, `x-unit-en`;
  "boolean" (yes or no; with `const` true a box that must be ticked); "array" of a string with `enum` or `oneOf` (many of); "array" of an object with
  `maxItems` (rows); "object" (a group); "integer" with `format` "attachment" (a file of the case, by its id).
- A field is declared once. Under `then`, `else` or `dependentSchemas` it is shown only where that branch holds; parts of `allOf`
  always hold. `required` and `dependentRequired` in a branch ask for a field there. `pattern` is explained by `x-pattern-says` (`-en`).
- A condition (`if`) speaks of fields of its own level by `properties` and `required`, with `const`, `enum`, `minimum`, `maximum`,
  `exclusiveMinimum`, `exclusiveMaximum`, `contains`, `allOf`, `anyOf`, `not`; whatever it names it also requires. The device judges it too.
- `x-order` on an object lists its fields in the order in which they are shown; what it leaves out follows, a field with a condition right
  after the last that it waits for.
- `x-from` lists where a value may come from ("licence.uscc": source and place in it), the first that has a fitting one wins;
  with `x-ask` false the field is not asked for then. `x-mask` "name" or "address" masks the answer on pages.

For packs: `services.form_publish`, `answers_record` (in a transaction with `case_open` or `case_move`); `selectors.form_in_force`, `form_of`,
`answers_of`, `answers_read`, `answers_before`; `rules.form_prefilled`, `answers_joined`; `checking.answers_check`; on a page of their own
`reading.answers_typed` and `drawing.form_drawn` with `forms/head.html` and `forms/form.html` in a form with `data-draft`. The case page, its
paper, its API and the page on which answers are read in plain and corrected are the desk's.
"""
