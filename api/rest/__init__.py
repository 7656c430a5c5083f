"""The resources of REST under `/api/v1`, a router each: `router(service)`."""
