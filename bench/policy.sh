#!/usr/bin/env bash
# Measures decisions with JMH and prints a table: time and allocation for each operation.
# usage: bench/policy.sh [JMH OPTIONS]   e.g. bench/policy.sh -f 2 -wi 5 -i 10
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/launch.sh"
prepare_build
build_tests "$jdk"
build_benchmarks "$jdk"
# The median as well as the mean: machines are shared.
exec "$jdk/bin/java" -cp "target/bench-classes:$(classpath)" org.openjdk.jmh.Main \
  PolicyBenchmark -bm avgt,sample -tu ns -prof gc -rf json -rff target/bench-policy.json "$@"
