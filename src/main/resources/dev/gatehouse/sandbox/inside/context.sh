# The resident bash: a line for each execution, its number; the rest is in the file of that name.
while IFS= read -r -u 3 __number; do
  __began=$EPOCHREALTIME
  . "/run/gatehouse/$__number.sh"
  printf '\n%s\t%d\t%d\n' "$__number" "$?" "$((${EPOCHREALTIME/./} * 1000 - ${__began/./} * 1000))" >&4
done
