# The resident bash: a line for each execution, its number; the rest is in the file of that name. After "once" it is
# the execution's own process.

# SIGINT ends the execution and not the shell: from there on each command returns from where it stands, down to the
# floor, which is this loop or what an execution's text is wrapped in. Only in a function can be told how deep it is.
__interrupt() {
  ((${#FUNCNAME[@]} > 1 + ${__floor:-0})) || return
  __interrupted=130
  shopt -s extdebug
  set -T
  trap __unwind DEBUG
}
__unwind() {
  ((${#FUNCNAME[@]} > 1 + ${__floor:-0})) && return 2
  trap - DEBUG
  shopt -u extdebug
  set +T
}
trap __interrupt INT

while IFS= read -r -u 3 __number; do
  if [[ $__number == once* ]]; then
    trap - INT
    exec 3<&- 4>&-
    . "/run/gatehouse/${__number#once}.sh"
    exit
  fi
  __began=$EPOCHREALTIME
  . "/run/gatehouse/$__number.sh"
  printf '\n%s\t%d\t%d\n' "$__number" "${__interrupted:-$?}" "$((${EPOCHREALTIME/./} * 1000 - ${__began/./} * 1000))" >&4
  unset __interrupted
done
