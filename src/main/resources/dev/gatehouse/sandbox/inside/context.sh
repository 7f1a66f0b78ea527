# The resident bash: a line for each execution, its number; the rest is in the file of that name. After "once" it is
# the execution's own process.
while IFS= read -r -u 3 __number; do
  if [[ $__number == once* ]]; then
    exec 3<&- 4>&-
    . "/run/gatehouse/${__number#once}.sh"
    exit
  fi
  __began=$EPOCHREALTIME
  . "/run/gatehouse/$__number.sh"
  printf '\n%s\t%d\t%d\n' "$__number" "$?" "$((${EPOCHREALTIME/./} * 1000 - ${__began/./} * 1000))" >&4
done
