"""The register of projects and single works: one page a project, its applications, its phases verified in advance."""
