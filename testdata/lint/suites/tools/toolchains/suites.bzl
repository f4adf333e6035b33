_PACKAGES = [
    "alloc/listed",
    "alloc/without_suite",
    "alloc/without_tests",
]
