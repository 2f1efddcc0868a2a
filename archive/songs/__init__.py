"""A song as it is sung, timed, published and taken along."""
