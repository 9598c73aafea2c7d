"""The only conductor: polls feeds, brings the index up to date, publishes editions.

    store.due ─ fetch ─ parse ─ normalize ─ filter ─ store.save (tags inside)    poll
    store.changes ─ search index                                                index
    topics ─ index ─ stories ─ digest ─ outputs                                 publish
    all of them on a schedule, until told to stop                               service

Errors below raise; here alone they become values: a feed that fails is recorded and the rest go on.

Its modules are imported one by one, so that a command loads only what it needs.
"""
