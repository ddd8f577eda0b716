"""One application of several parts: each part is a case of its own, and a network says which must be done before which.

A part's case is opened when all that must precede it is done, at once with all others of which the same is true; what became of it
is told on the whole's case by a step of the system. A pack says with what a part begins, when it counts as done, and by which steps of
the whole all this is told (`Pack.bundles`); it hands its steps on to `services.parts_follow`, and takes the steps that end a part
or the whole through `services.part_move` and `services.whole_end`, which lock the bundle first.
"""
