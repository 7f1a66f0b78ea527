#!/bin/sh
# Measures decisions with JMH and prints a table: time and allocation for each operation.
# usage: bench/policy.sh [JMH OPTIONS]   e.g. bench/policy.sh -f 2 -wi 5 -i 10
set -eu
cd "$(dirname "$0")/.."
# Classes that were compiled without the profile have no benchmark code beside them.
rm -rf target/test-classes target/maven-status
mvn -B -ntp -q -Pbench test-compile
mvn -B -ntp -q org.apache.maven.plugins:maven-dependency-plugin:3.11.0:build-classpath -Dmdep.outputFile=target/bench.classpath
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
"$java" -version 2>&1 | head -n 1
uname -sr
grep -m 1 'model name' /proc/cpuinfo 2>/dev/null || true
# The median as well as the mean: machines are shared.
exec "$java" -cp "target/test-classes:target/classes:$(cat target/bench.classpath)" org.openjdk.jmh.Main \
  PolicyBenchmark -bm avgt,sample -tu ns -prof gc -rf json -rff target/bench-policy.json "$@"
