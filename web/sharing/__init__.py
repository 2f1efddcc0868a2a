"""How the public pages travel: cards of shared links, pictures, sitemap, podcast, oEmbed and the embedded player."""
