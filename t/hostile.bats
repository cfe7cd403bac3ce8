#!/usr/bin/env bats
# Promise: whoever damages files of a spool while others use it kills and fools nobody.
load helper

setup() {
  fresh_spool
  mq-topic create -X segment.bytes=8K jobs
  lines 1 400 | mq-put --batch 1 jobs
  mq-get -g g -c 5 jobs >/dev/null
  seed=${HOSTILE_SEED:-$RANDOM}
  echo "HOSTILE_SEED=$seed"
}

# Each message proves itself.
lines() {
  seq "$1" "$2" | awk '{ printf "%d %d %0200d\n", $1, $1 * 7919 % 1000003, $1 }'
}

# The last line may be cut where its reader was stopped ($2).
has_only_lines() {
  awk -v stopped="${2:-}" 'bad { stopped = ""; exit }
    $2 != $1 * 7919 % 1000003 || $3 + 0 != $1 || length($3) != 200 || NF != 3 {
      print "wrong: " $0; bad = 1 }
    END { exit bad && !stopped }' "$1"
}

# A tool ends with success, nothing, or an error that it names.
check_end() { # STATUS ERRORS TOOL...
  local status=$1 errors=$2
  shift 2
  case $status in
    0 | 1) return 0 ;;
    4 | 5 | 8) [ "$1" != mq-fsck ] || return 0 ;;
    66 | 71 | 73 | 74 | 75 | 77 | 78) ! grep -q "^$1: ." "$errors" || return 0 ;;
  esac
  echo "$*: exit $status: $(cat "$errors")" >&2
  return 1
}

tool() {
  local status=0
  timeout -k 1 10 "$@" >out 2>err || status=$?
  check_end "$status" err "$@"
  case $* in
    mq-get*receipt*) cut -d ' ' -f 2- out >values ;;
    mq-get*) cp out values ;;
    *) return 0 ;;
  esac
  has_only_lines values
  seen=$((seen + $(wc -l <values)))
  [ "$status" -lt 2 ] || failed=$((failed + 1))
}

# Tools that stay; whoever has ended begins again.
# shellcheck disable=SC2086 # words
followers() { # start|stop
  local i status tools=("mq-get -F jobs" "mq-get -F -g h jobs" "mq-get -F -g h jobs -- cat")
  for i in "${!tools[@]}"; do
    if [ -n "${running[$i]:-}" ]; then
      [ "$1" = start ] || kill -TERM "${running[$i]}" 2>/dev/null || true
      [ "$1" = stop ] || ! kill -0 "${running[$i]}" 2>/dev/null || continue
      status=0
      wait "${running[$i]}" || status=$?
      [ "$1:$status" = stop:143 ] || check_end "$status" "f$i.err" ${tools[$i]}
      cat "f$i.err" >&2
      [ "$i" = 2 ] || has_only_lines "f$i.out" stopped
    fi
    [ "$1" = stop ] && continue
    in_background "f$i" ${tools[$i]}
    running[i]=$background
  done
}

# All tools, while PATH... are damaged.
use_while_damaged() { # SECONDS MILLISECONDS PATH...
  local end=$((SECONDS + $1)) n=500 receipt hostile seen=0 failed=0 running=()
  shift
  in_background hostile "$helpers/hostile" "$seed" "$@"
  hostile=$background
  while [ "$SECONDS" -lt "$end" ]; do
    followers start
    n=$((n + 20))
    lines $n $((n + 19)) >new
    tool mq-put --batch 1 jobs <new
    tool mq-get jobs
    tool mq-get -o "$((n - 100))" -c 2 jobs
    tool mq-get -g g --lease 1s -c 4 jobs
    tool mq-get -g g --lease 1s --ack=manual -c 1 -f 'receipt=%r %v\n' jobs
    receipt=$(cut -d ' ' -f 1 out | head -n 1)
    [ -z "$receipt" ] || tool mq-ack "${receipt#receipt=}"
    tool mq-get -w 10ms -F -c 3 jobs
    tool mq-stat
    tool mq-fsck -n
  done
  kill -0 "$hostile"
  crash "$hostile"
  followers stop
  echo "$n $seen $failed"
  [ "$seen" -gt 0 ]
  tool mq-fsck -y
  lines 9001 9002 | mq-put jobs
  mq-get jobs >all || [ $? -eq 74 ]
  has_only_lines all
  lines 9001 9002 | cmp - <(tail -n 2 all)
}

@test "segments and pages that are cut, overwritten, swapped or deleted kill and fool no tool" {
  use_while_damaged 2 30 "$(partition_of jobs)"
}

@test "the control page alone that is damaged all the time kills and fools no tool" {
  use_while_damaged 1 2 "$(partition_of jobs)/control"
}

@test "an index that is cut, overwritten, put back or deleted kills and fools no tool" {
  use_while_damaged 2 5 "$MQ_SPOOL/index.db" "$MQ_SPOOL/index.db-wal"
}

@test "files that tools map or lock, and that are cut or deleted, kill and fool no tool" {
  use_while_damaged 1 5 "$MQ_SPOOL/index.db-shm" "$MQ_SPOOL/commit" "$MQ_SPOOL/sessions" \
    "$MQ_SPOOL/topics/jobs/doorbell"
}
