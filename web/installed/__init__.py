"""The public site as an app: its manifest, its worker, and the songs that somebody keeps on a device of her own."""
