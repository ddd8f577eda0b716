"""Administration that is learned once: every kind of object has the same list, page, form, history, import and export.

How to add a kind (units, people, directory, …):

1. In `kinds.py` of your folder (presence is registration) write a subclass of `shape.Kind` and list it in `KINDS`.
   It says its name, words, group, who may open it, its columns, and how to read rows: `rows`, `cells`, `found`.
   That alone gives the entry in the index `/administration`, the list `/administration/NAME` with search, filters, pages
   of 50, count and export, and the page `/administration/NAME/of/KEY` with `facts`, dated `versions` and the history
   read from the ledger (`history`, by default the entries of `stream` whose data hold `history_match(row)`).
2. Every write is an `Action`: a form, a service called with `now` and `by`, and optionally an `effect`. With an effect
   the form is sent twice: first the service is tried and taken back (`undone`), so that its refusals are read before
   anything counts, and the effect is shown; what is confirmed is exactly what was shown. Actions of the whole list
   (`list_actions`) get None as their row, those of a page (`actions`) get the row.
3. A kind with `import_columns` can be imported: `row_import` carries one row out by the services. The preview runs all
   rows and takes everything back; the import runs all and keeps all, or nothing when one row is refused.
4. Services judge powers again (`identity.powers.power_require`); `roles` here only decides what is offered.

`PLACES` in the same `kinds.py` puts a page with an address of its own into the index.
"""
