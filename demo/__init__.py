"""The whole product on one machine: simulated visits, the report, the commands demo and serve."""
