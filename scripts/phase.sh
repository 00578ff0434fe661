# shellcheck shell=bash disable=SC2154
# To be sourced. phase NAME COMMAND..: runs the command, its output into $log, and prints one line with the seconds;
# on failure also the log's last lines, and the script ends with the command's exit code.
phase() {
  local name=$1 start=$SECONDS status=0
  shift
  printf '%-44s' "$name"
  printf '\n== %s\n' "$name" >>"$log"
  "$@" >>"$log" 2>&1 </dev/null || status=$?
  if [ "$status" -eq 0 ]; then
    printf '%5d s\n' $((SECONDS - start))
    return
  fi
  printf 'failed after %d s; the end of %s:\n\n' $((SECONDS - start)) "$log"
  tail -n "${log_tail:-40}" "$log"
  exit "$status"
}
