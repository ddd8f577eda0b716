"""Smart sites: a construction site's life from permit to acceptance, its people, devices, inspections and hazards."""
