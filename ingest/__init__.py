"""How a recording becomes a catalogued testimony: submit, stages, recognisers, queue and worker."""
