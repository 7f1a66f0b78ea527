# shellcheck shell=bash disable=SC2154 # root and jdk are the launcher's
# The checks of ./gatehouse doctor: one row each, with the command that mends what is missing. Sourced by gatehouse.
# Nothing here changes anything, and nothing needs root or apt.

DISK_LEAST_MB=3072
MEMORY_LEAST_MB=1024

doctor() {
  faults=0
  check_system
  check_jdk
  check_maven
  check_engine
  check_cgroups
  check_disk
  check_memory
  check_port
  if ((faults > 0)); then
    printf '\n%d missing. As root on Debian or Ubuntu, ./gatehouse run installs packages, engine and image itself.\n' "$faults"
    return 1
  fi
  printf '\nAll is well.\n'
}

ok() { printf '%-8s %-15s %s\n' ok "$1" "$2"; }

# missing WHAT FOUND MEND
missing() {
  faults=$((faults + 1))
  printf '%-8s %-15s %s\n%-8s %-15s mend: %s\n' missing "$1" "$2" '' '' "$3"
}

# as_root COMMAND: as the user must type it.
as_root() { if is_root; then echo "$*"; else echo "sudo $*"; fi; }

# package DEBIAN_PACKAGE OTHERWISE: how to get it here.
package() {
  if have apt-get; then
    as_root "apt-get install -y --no-install-recommends $1"
  else
    echo "$2"
  fi
}

check_system() {
  local name who
  # shellcheck source=/dev/null
  name=$( (source /etc/os-release 2>/dev/null && echo "${PRETTY_NAME-}") || uname -sr)
  who=$(if is_root; then echo root; else echo "user $(id -un 2>/dev/null || id -u)"; fi)
  if [ "$(uname -s)" != Linux ]; then
    missing system "$name" "gVisor needs Linux: run there, or set DOCKER_HOST to an engine on Linux"
  elif can_install; then
    ok system "$name, $who: what is missing can be installed by ./gatehouse run"
  else
    ok system "$name, $who: ./gatehouse installs nothing itself here"
  fi
}

check_jdk() {
  if find_jdk; then
    ok JDK "$(jdk_version "$jdk") in $jdk"
  elif have apt-cache && apt-cache show "openjdk-$JDK_OLDEST-jdk-headless" >/dev/null 2>&1; then
    missing JDK "no JDK $JDK_OLDEST or newer" "$(package "openjdk-$JDK_OLDEST-jdk-headless" '')"
  else
    missing JDK "no JDK $JDK_OLDEST or newer, and no package of it in this system's lists" \
      "unpack a JDK $JDK_OLDEST and: export JAVA_HOME=<its directory>"
  fi
}

check_maven() {
  local version
  if ! have mvn; then
    missing Maven "no mvn on PATH" "$(package maven "install Maven $MAVEN_OLDEST or newer and put its bin directory on PATH")"
    return
  fi
  version=$(JAVA_HOME=${jdk:-${JAVA_HOME-}} mvn --version 2>/dev/null | sed -n 's/.*Apache Maven \([0-9.]*\).*/\1/p' | head -n 1)
  if [ "$(printf '%s\n' "$MAVEN_OLDEST" "${version:-0}" | sort -V | head -n 1)" = "$MAVEN_OLDEST" ]; then
    ok Maven "$version"
  else
    missing Maven "version ${version:-unknown}, needs $MAVEN_OLDEST" "put a newer Maven's bin directory first on PATH"
  fi
}

check_engine() {
  local unknown="not known before an engine answers"
  if ! have curl; then
    missing engine "no curl to ask it with" "$(package curl 'install curl')"
    return
  fi
  if ! engine_answers; then
    missing engine "no Docker engine answers at $DOCKER_HOST$(why_no_engine)" "$(mend_engine)"
    missing runtimes "$unknown" "$(mend_runtimes)"
    missing image "$SANDBOX_IMAGE: $unknown" "$(mend_image)"
    return
  fi
  ok engine "Docker $(engine_version) at $DOCKER_HOST"
  check_runtimes
  if image_present; then
    ok image "$SANDBOX_IMAGE"
  else
    missing image "$SANDBOX_IMAGE" "$(mend_image)"
  fi
}

why_no_engine() {
  local socket=${DOCKER_HOST#unix://}
  case $DOCKER_HOST in
    unix://*) ;;
    *) return ;;
  esac
  if [ ! -e "$socket" ]; then
    echo " (no such socket)"
  elif [ ! -w "$socket" ]; then
    echo " (no permission for $(id -un 2>/dev/null || id -u))"
  fi
}

mend_engine() {
  local socket=${DOCKER_HOST#unix://}
  if [ "$DOCKER_HOST" != unix:///var/run/docker.sock ]; then
    echo "start the engine there, or: unset DOCKER_HOST"
  elif [ -e "$socket" ] && [ ! -w "$socket" ]; then
    echo "sudo usermod -aG docker $(id -un 2>/dev/null || id -u), then log in again"
  elif ! have dockerd; then
    package 'docker.io runsc debootstrap jq' 'install Docker and gVisor (runsc) with your package manager'
  elif [ -d /run/systemd/system ]; then
    as_root systemctl start docker
  else
    as_root dockerd
  fi
}

check_runtimes() {
  if ! engine_has_runtimes; then
    missing runtimes "the engine does not know runsc-none and runsc-egress (gVisor)" "$(mend_runtimes)"
  elif [[ $DOCKER_HOST == unix://* ]] && ! have runsc; then
    missing runtimes "registered, but there is no runsc" "$(package runsc 'install gVisor (runsc)')"
  else
    ok runtimes "runsc-none and runsc-egress (gVisor)"
  fi
}

mend_runtimes() { as_root docker/register-runtimes; }

mend_image() {
  if have debootstrap; then
    as_root docker/build-image
  elif have apt-get; then
    echo "$(package debootstrap '') && $(as_root docker/build-image)"
  else
    echo "docker build -t $SANDBOX_IMAGE docker"
  fi
}

# Only an engine on this machine needs this machine's cgroups.
check_cgroups() {
  local controller
  local -a absent=()
  [[ $DOCKER_HOST == unix://* && $(uname -s) == Linux ]] || return 0
  for controller in cpu memory pids; do
    if ! grep -qw "$controller" /sys/fs/cgroup/cgroup.controllers 2>/dev/null && [ ! -e "/sys/fs/cgroup/$controller/tasks" ]; then
      absent+=("$controller")
    fi
  done
  if [ ${#absent[@]} -eq 0 ]; then
    ok cgroups "cpu, memory, pids (version $(if [ -e /sys/fs/cgroup/cgroup.controllers ]; then echo 2; else echo 1; fi))"
  else
    missing cgroups "not mounted: ${absent[*]}; no limit holds without them" "$(as_root mount -t cgroup2 none /sys/fs/cgroup)"
  fi
}

check_disk() {
  local free
  free=$(df -Pm "$root" 2>/dev/null | awk 'NR == 2 { print $4 }')
  if ((${free:-0} >= DISK_LEAST_MB)); then
    ok disk "$free MB free"
  else
    missing disk "${free:-unknown} MB free, needs $DISK_LEAST_MB" "free some space under $root"
  fi
}

check_memory() {
  local free
  free=$(awk '$1 == "MemAvailable:" { print int($2 / 1024) }' /proc/meminfo 2>/dev/null || true)
  if [ -z "$free" ]; then
    ok memory "not known on this system"
  elif ((free >= MEMORY_LEAST_MB)); then
    ok memory "$free MB available"
  else
    missing memory "$free MB available, needs $MEMORY_LEAST_MB" "end what you can spare; a sandbox takes about 30 MB, the server 300"
  fi
}

check_port() {
  local port=${GATEHOUSE_PORT:-8420}
  if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
    ok port "$port is free"
  elif have curl && curl -fs -m 2 --noproxy '*' -o /dev/null "http://127.0.0.1:$port/healthz"; then
    ok port "$port: a Gatehouse answers there"
  else
    missing port "$port is in use" "end what listens there, or: export GATEHOUSE_PORT=<another>"
  fi
}
