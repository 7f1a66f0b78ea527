# shellcheck shell=bash
# Sourced by the scripts beside this file: what they have in common is the launcher's JDK, Maven and flags.
set -euo pipefail
# shellcheck source=gatehouse
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../gatehouse"
cd "$root"

CLASSPATH_GOAL=org.apache.maven.plugins:maven-dependency-plugin:3.11.0:build-classpath

# launch CLASS [ARGUMENTS]: a main class among the tests, as the server would run. BENCH_JAVA_OPTS are more flags.
launch() {
  prepare_build
  # shellcheck disable=SC2154 # set by the line above
  build_tests "$jdk"
  local -a more
  read -r -a more <<<"${BENCH_JAVA_OPTS-}"
  exec "$jdk/bin/java" "${JVM_FLAGS[@]}" "${SERVER_FLAGS[@]}" "${more[@]+"${more[@]}"}" -cp "$(classpath)" "$@"
}

# build_tests JDK: compiles, and tells on what machine the figures are taken.
build_tests() {
  maven -q -P '!format' test-compile "$CLASSPATH_GOAL" -Dmdep.outputFile=target/bench.classpath \
    -Dmdep.includeScope=test >&2
  "$1/bin/java" -version 2>&1 | head -n 1
  uname -sr
  grep -m 1 'model name' /proc/cpuinfo 2>/dev/null || true
}

# build_benchmarks JDK: what JMH makes around its benchmarks is not ours to lint, so it is made here.
build_benchmarks() {
  rm -rf target/bench-classes
  mkdir -p target/bench-classes
  "$1/bin/javac" -proc:full -processor org.openjdk.jmh.generators.BenchmarkProcessor -implicit:none -parameters \
    -d target/bench-classes -cp "$(classpath)" src/test/java/dev/gatehouse/{latency,policy}/*Benchmark.java
}

classpath() { echo "target/test-classes:target/classes:$(cat target/bench.classpath)"; }
