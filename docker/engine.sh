# shellcheck shell=bash
# The Docker engine: talk to it, install it, start it. Sourced by gatehouse and by the scripts beside this file.

SANDBOX_IMAGE=gatehouse/sandbox:1
DAEMON_JSON=/etc/docker/daemon.json
ENGINE_LOG=/var/log/gatehouse/dockerd.log
ENGINE_PID=/run/gatehouse/dockerd.pid
ENGINE_START_SECONDS=60

# Administrators' commands are not on every root's PATH.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
export DOCKER_HOST="${DOCKER_HOST:-unix:///var/run/docker.sock}"

say() { printf 'gatehouse: %s\n' "$*" >&2; }

fail() {
  say "$*"
  exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

is_root() { [ "$(id -u)" = 0 ]; }

# --- the engine's API -------------------------------------------------------------------------------------------------

# engine_api PATH [curl options]: one request, its body on stdout; fails on 4xx and 5xx. Bounded unless -m says otherwise.
engine_api() {
  local path=$1 base
  shift
  local -a to=()
  case $DOCKER_HOST in
    unix://*)
      to=(--unix-socket "${DOCKER_HOST#unix://}")
      base=http://engine
      ;;
    tcp://* | http://* | https://*)
      base=http://${DOCKER_HOST#*://}
      if [ -n "${DOCKER_TLS_VERIFY-}" ]; then
        local certs=${DOCKER_CERT_PATH:-$HOME/.docker}
        base=https://${DOCKER_HOST#*://}
        to=(--cacert "$certs/ca.pem" --cert "$certs/cert.pem" --key "$certs/key.pem")
      fi
      ;;
    *)
      say "DOCKER_HOST=$DOCKER_HOST: expected unix:// or tcp://"
      return 1
      ;;
  esac
  curl --silent --show-error --fail --noproxy '*' --connect-timeout 3 -m 30 "${to[@]+"${to[@]}"}" "$@" "$base$path"
}

engine_answers() { [ "$(engine_api /_ping -m 5 2>/dev/null)" = OK ]; }

engine_version() { engine_api /version -m 5 2>/dev/null | sed -nE 's/.*"Version":"([^"]*)","ApiVersion".*/\1/p'; }

# Both runtimes that the sandboxes need, named in the design: without network, and behind the egress proxy.
engine_has_runtimes() {
  local info
  info=$(engine_api /info 2>/dev/null) || return 1
  [[ $info == *'"runsc-none":{'* && $info == *'"runsc-egress":{'* ]]
}

image_present() { engine_api "/images/$SANDBOX_IMAGE/json" >/dev/null 2>&1; }

# --- Debian's packages ------------------------------------------------------------------------------------------------

can_install() { is_root && have apt-get; }

# need COMMAND:PACKAGE...: installs the packages whose command is missing.
need() {
  local pair
  local -a missing=()
  for pair in "$@"; do
    have "${pair%%:*}" || missing+=("${pair#*:}")
  done
  [ ${#missing[@]} -eq 0 ] || apt_install "${missing[@]}"
}

# The package lists are fetched only when an install fails without them: absent, or too old to be served.
apt_install() {
  local log
  can_install || fail "missing: $* (installing it needs root and apt-get); ./gatehouse doctor says what to do"
  log=$(mktemp)
  say "installing $* with apt-get"
  if ! apt_quietly "$log" install --no-install-recommends "$@" \
    && { ! apt_quietly "$log" update || ! apt_quietly "$log" install --no-install-recommends "$@"; }; then
    tail -n 20 "$log" >&2
    rm -f "$log"
    fail "apt-get could not install $*: its last lines are above"
  fi
  rm -f "$log"
}

# A service that a package starts must not keep our lock (9) open.
apt_quietly() {
  local log=$1
  shift
  DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 "$@" >>"$log" 2>&1 </dev/null 9>&-
}

# --- the gVisor runtimes ----------------------------------------------------------------------------------------------

# runsc's own network stack refuses to start on recent kernels ("cannot run with network enabled in root network
# namespace"), so neither runtime uses it:
#   runsc-none    no network at all: what a sandbox gets unless policy says more.
#   runsc-egress  the sockets of the network namespace that Docker made for the container; put on an internal bridge, it
#                 reaches the bridge's gateway, where our proxy listens, and nothing else. Not the machine's own network.
runtimes_json() {
  jq -n --arg runsc "$1" '{
    "runsc-none": {path: $runsc, runtimeArgs: ["--network=none"]},
    "runsc-egress": {path: $runsc, runtimeArgs: ["--network=host"]}
  }'
}

# merge_runtimes FILE RUNSC: adds what is missing, leaves every other key and any runtime of the same name as it was.
merge_runtimes() {
  local file=$1 ours merged
  ours=$(runtimes_json "$2")
  if [ -s "$file" ]; then
    merged=$(jq --argjson ours "$ours" '.runtimes = ($ours + (.runtimes // {}))' "$file") \
      || fail "$file is not valid JSON: mend it first, nothing was changed"
    if [ "$(jq -S . <<<"$merged")" = "$(jq -S . "$file")" ]; then
      return 0
    fi
  else
    merged=$(jq -n --argjson ours "$ours" '{runtimes: $ours}')
  fi
  mkdir -p "$(dirname "$file")"
  printf '%s\n' "$merged" >"$file.new"
  if [ -e "$file" ]; then
    chmod --reference="$file" "$file.new"
  fi
  mv "$file.new" "$file"
}

# --- installing and starting ------------------------------------------------------------------------------------------

# The runtimes are written before the engine's package comes: it may start the engine as it is unpacked.
install_engine() {
  need jq:jq runsc:runsc
  merge_runtimes "$DAEMON_JSON" "$(command -v runsc)"
  need dockerd:docker.io
}

start_engine() {
  say "starting the Docker engine"
  if [ -d /run/systemd/system ]; then
    systemctl start docker </dev/null || fail "systemctl start docker failed; journalctl -u docker says why"
    wait_for_engine systemd || fail "the Docker engine did not answer within $ENGINE_START_SECONDS s; journalctl -u docker says why"
    return
  fi
  # One that the package, or someone else, is starting at this moment.
  if process_is dockerd "$(cat /var/run/docker.pid 2>/dev/null)" && wait_for_engine "$(cat /var/run/docker.pid)"; then
    return
  fi
  launch_dockerd && return
  if grep -qiE 'iptables|bridge|nf_tables|netfilter' "$ENGINE_LOG"; then
    say "this kernel gives the engine no bridge or iptables: starting it without (sandboxes have no egress)"
    launch_dockerd --bridge=none --iptables=false && return
  fi
  grep -E 'level=(error|fatal)|failed to start' "$ENGINE_LOG" | tail -n 5 >&2 || tail -n 5 "$ENGINE_LOG" >&2
  fail "the Docker engine did not start; its last words are above, all of them in $ENGINE_LOG"
}

# In a session of its own, so that a Ctrl-C in this terminal does not end it.
launch_dockerd() {
  mkdir -p "$(dirname "$ENGINE_LOG")" "$(dirname "$ENGINE_PID")"
  setsid dockerd "$@" >"$ENGINE_LOG" 2>&1 </dev/null 9>&- &
  local pid=$!
  echo "$pid" >"$ENGINE_PID"
  wait_for_engine "$pid" && return
  kill "$pid" 2>/dev/null
  wait "$pid" 2>/dev/null
  rm -f "$ENGINE_PID"
  return 1
}

# wait_for_engine PID|systemd: until it answers, its process is gone, or the deadline has passed.
wait_for_engine() {
  local deadline=$((SECONDS + ENGINE_START_SECONDS))
  while ((SECONDS < deadline)); do
    engine_answers && return
    [ "$1" = systemd ] || process_is dockerd "$1" || return 1
    sleep 0.2
  done
  return 1
}

# Between fork and exec it still carries the shell's name, or setsid's.
process_is() {
  [ -n "$2" ] && [[ $(cat "/proc/$2/comm" 2>/dev/null) == @("$1"|setsid|bash|gatehouse) ]]
}

# Ends the engine that launch_dockerd started, if it did.
stop_engine() {
  local pid
  pid=$(cat "$ENGINE_PID" 2>/dev/null) || return 0
  process_is dockerd "$pid" || return 0
  kill "$pid"
  local deadline=$((SECONDS + 30))
  while [ -e "/proc/$pid" ] && ((SECONDS < deadline)); do
    sleep 0.2
  done
  rm -f "$ENGINE_PID"
}

# An engine that answers is used as it is. Otherwise this machine gets one, if we may.
ensure_engine() {
  have curl || need curl:curl
  engine_answers && return
  [ "$DOCKER_HOST" = unix:///var/run/docker.sock ] \
    || fail "no Docker engine answers at DOCKER_HOST=$DOCKER_HOST; ./gatehouse doctor says more"
  can_install || fail "no Docker engine answers, and installing one needs root on Debian or Ubuntu; ./gatehouse doctor says what to do"
  install_engine
  engine_answers || start_engine
}

ensure_image() {
  image_present && return
  is_root || fail "the image $SANDBOX_IMAGE is missing: sudo docker/build-image makes it"
  need debootstrap:debootstrap
  [ -e /usr/share/keyrings/debian-archive-keyring.gpg ] || apt_install debian-archive-keyring
  "$(dirname "${BASH_SOURCE[0]}")/build-image"
}
