"""The test database: migrated as its owner, then everything connects as `app`, as the web does."""
