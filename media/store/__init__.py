"""Where bytes are kept: a private folder on this machine, or an S3-compatible store; both are a `BlobStore`."""
