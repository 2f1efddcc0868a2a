"""The stages of the pipeline, one file each; `ingest.pipeline.STAGES` says in which order they come."""
