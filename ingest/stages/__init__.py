"""The stages of the pipeline, one file each; `ingest.jobs.pipeline.STAGES` says in which order they come."""
