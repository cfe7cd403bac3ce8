#!/usr/bin/env bats
# mq-fsck: damage is named by file and byte, never delivered, never spread.
load helper

byte_at() {
  od -An -v -tu1 -j "$2" -N 1 "$1" | tr -d ' '
}

# Flips bits of the byte at $2 of file $1: those of the mask $3.
flip() {
  local byte
  byte=$(($(byte_at "$1" "$2") ^ ${3:-1}))
  printf "\\$(printf %03o $byte)" |
    dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

# Prints where each batch of a segment begins, and the end of the last.
batches() {
  local at=0 size
  while size=$(od -An -v -tu1 -j $((at + 8)) -N 4 "$1" |
    awk '{ print (($1 * 256 + $2) * 256 + $3) * 256 + $4 }') && [ "$size" -gt 0 ]; do
    echo $at
    at=$((at + 12 + size))
  done
  echo $at
}

# Three batches of one message each, in $segment; the second is $begin to $end.
three_batches() {
  local message
  for message in one two three; do mq-put -k "$message" -m "$message" jobs; done
  segment=$(segments_of jobs)
  # shellcheck disable=SC2046
  set -- $(batches "$segment")
  begin=$2 end=$3
}

damage() {
  head -c "$2" /dev/urandom | dd of="$1" bs=1 conv=notrunc status=none
}

@test "a spool as its tools left it is clean, also while they are at work" {
  seq 100 | mq-put jobs
  mq-get -g g -c 10 jobs >/dev/null
  in_background worker mq-get -g g -F jobs
  in_background producer sh -c 'while :; do seq 50 | mq-put jobs; done'
  for _ in 1 2 3 4 5; do
    run -0 mq-fsck -n
    assert_output ""
  done
}

@test "a flipped bit in any field of a batch is named by file and byte, never delivered, and the rest is" {
  three_batches
  cp "$segment" whole
  for at in 0 3 7 8 11 12 15 16 17 20 21 22 23 26 27 34 35 42 43 50 51 53 57 60 61 63 67 $((end - begin - 1)); do
    for mask in 1 128; do
      cp whole "$segment"
      flip "$segment" $((begin + at)) $mask
      run --separate-stderr mq-get jobs
      # The epoch (bytes 12 to 15) is no part of a message.
      if [ "$output" != $'one\nthree' ] &&
        ! { [ $((at / 4)) -eq 3 ] && [ "$output" = $'one\ntwo\nthree' ]; }; then
        echo "byte $at mask $mask: $output"
        return 1
      fi
      run -4 --separate-stderr mq-fsck -n
      if [[ $output != "topics/jobs/0/00000000000000000000.log: byte $begin: offsets 1-1: "* ]]; then
        echo "byte $at mask $mask: $output"
        return 1
      fi
    done
  done
}

@test "a flipped bit in the first or the last batch costs that batch alone" {
  three_batches
  cp "$segment" whole
  flip "$segment" 61
  run --separate-stderr mq-get jobs
  [ "$output" = $'two\nthree' ]
  run -4 --separate-stderr mq-fsck -n
  [[ $output == *"00000000000000000000.log: byte 0: offsets 0-0: "* ]]
  cp whole "$segment"
  flip "$segment" $((end + 61))
  run --separate-stderr mq-get jobs
  [ "$output" = $'one\ntwo' ]
  run -4 --separate-stderr mq-fsck -n
  [[ $output == *"00000000000000000000.log: byte $end: offsets 2-2: "* ]]
}

@test "a group passes over a damaged message and goes on" {
  three_batches
  flip "$segment" $((begin + 61))
  run --separate-stderr mq-get -g g jobs
  [ "$output" = $'one\nthree' ]
  [[ $(mq-stat --json jobs) == *'"lag":0,'* ]]
}

@test "puts go on behind damage, and -y does not cut it away" {
  three_batches
  flip "$segment" $((begin + 61))
  mq-put -m four jobs
  run -4 mq-fsck -y
  run --separate-stderr mq-get jobs
  [ "$output" = $'one\nthree\nfour' ]
  flip "$segment" $((begin + 61))
  [ "$(mq-get jobs)" = $'one\ntwo\nthree\nfour' ]
  run -0 mq-fsck -n
}

@test "--json gives file, byte, offsets and whether it can be mended" {
  three_batches
  flip "$segment" $((begin + 61))
  run -4 --separate-stderr mq-fsck --json
  [[ $output == '{"file":"topics/jobs/0/00000000000000000000.log","byte":'$begin',"first_offset":1,"last_offset":1,"text":"damaged: '*'","mendable":false,"mended":false}' ]]
}

@test "what a killed producer left behind the log's end is no damage" {
  three_batches
  printf 'half a batch' | dd of="$segment" bs=1 seek="$(batches "$segment" | tail -n 1)" conv=notrunc status=none
  [ "$(mq-get jobs | wc -l)" -eq 3 ]
  mq-put -m four jobs
  [ "$(mq-get jobs)" = $'one\ntwo\nthree\nfour' ]
  run -0 mq-fsck -n
}

@test "a control page that is deleted, garbage, cut short or an older copy loses nothing" {
  three_batches
  control=$(partition_of jobs)/control
  cp "$control" older
  mq-put -m four jobs
  rm "$control"
  [ "$(mq-get jobs | wc -l)" -eq 4 ]
  rm -f "$control"
  mq-put -m five jobs
  damage "$control" 4096
  [ "$(mq-get jobs | wc -l)" -eq 5 ]
  damage "$control" 4096
  mq-put -m six jobs
  truncate -s 100 "$control"
  mq-put -m seven jobs
  cp older "$control"
  [ "$(mq-get jobs | wc -l)" -eq 7 ]
  cp older "$control"
  mq-put -m eight jobs
  [ "$(mq-get jobs | tr '\n' ' ')" = "one two three four five six seven eight " ]
  run -0 mq-fsck -n
}

@test "a damaged control page is a finding that -y mends" {
  three_batches
  damage "$(partition_of jobs)/control" 4096
  run -4 --separate-stderr mq-fsck -n
  [[ $output == *"control page"* ]]
  run -1 --separate-stderr mq-fsck -y
  [[ $output == *"(corrected)" ]]
  run -0 mq-fsck -n
  [ "$(mq-get jobs | wc -l)" -eq 3 ]
}

@test "an index that is deleted or garbage begins anew: nothing is lost" {
  seq 10 | mq-put jobs
  mq-get -g g -c 4 jobs >/dev/null
  rm "$MQ_SPOOL"/index.db*
  [ "$(mq-get -g g jobs)" = "$(seq 10)" ]
  damage "$MQ_SPOOL/index.db" 8192
  rm -f "$MQ_SPOOL"/index.db-*
  run -4 mq-fsck -n
  run --separate-stderr mq-get -g g jobs
  assert_output "$(seq 10)"
  run -0 mq-fsck -n
  ls "$MQ_SPOOL" | grep -q '^index.db.corrupt-'
}

@test "a damaged index is a finding that -y mends" {
  seq 10 | mq-put jobs
  mq-get -g g -c 4 jobs >/dev/null
  rm -f "$MQ_SPOOL"/index.db-*
  damage "$MQ_SPOOL/index.db" 8192
  run -4 --separate-stderr mq-fsck -n
  [[ $output == *"index.db: "* ]]
  run -1 mq-fsck -y
  run -0 mq-fsck -n
}

@test "an older copy of the index gives messages again rather than to lose one" {
  seq 10 | mq-put jobs
  mq-get -g g -c 2 jobs >/dev/null
  mkdir copy
  cp "$MQ_SPOOL"/index.db* copy
  mq-get -g g -c 5 jobs >/dev/null
  seq 11 20 | mq-put jobs
  rm "$MQ_SPOOL"/index.db*
  cp copy/* "$MQ_SPOOL"
  [ "$(mq-get -g g jobs)" = "$(seq 3 20)" ]
  run -0 mq-fsck -n
}

@test "an index that has outlived its log is cut: new messages are delivered" {
  seq 10 | mq-put jobs
  cp -r "$MQ_SPOOL/topics" older
  seq 11 20 | mq-put jobs
  mq-get -g g jobs >/dev/null
  rm -r "$MQ_SPOOL/topics"
  cp -r older "$MQ_SPOOL/topics"
  run -4 --separate-stderr mq-fsck -n
  [[ $output == *"index.db: group g on jobs:0 stands at 20, the log ends at 10"* ]]
  run -1 mq-fsck -y
  printf 'new\n' | mq-put jobs
  [ "$(mq-get -g g jobs | tail -n 1)" = new ]
}

@test "positions that contradict the log are found and derived again; reads are right all the time" {
  seq 400000 | mq-put --batch 100 jobs
  positions=$(partition_of jobs)/positions
  mq-fsck --rebuild-index
  [ "$(wc -c <"$positions")" -gt 400 ]
  flip "$positions" 100
  [ "$(mq-get -o 150000 -c 1 jobs)" = 150001 ]
  run -4 --separate-stderr mq-fsck -n
  assert_output "topics/jobs/0/positions: 1 positions are not in the log (mq-fsck -y mends it)"
  run -1 mq-fsck -y
  run -0 mq-fsck -n
  [ "$(mq-get -o 150000 -c 1 jobs)" = 150001 ]
}

@test "positions whose end a power cut has torn are no finding, and derived again" {
  seq 400000 | mq-put --batch 100 jobs
  positions=$(partition_of jobs)/positions
  mq-fsck --rebuild-index
  size=$(wc -c <"$positions")
  truncate -s $((size - 2)) "$positions"
  truncate -s "$size" "$positions"
  run -0 mq-fsck -n
  [ "$(mq-get -o 399000 -c 1 jobs)" = 399001 ]
}

@test "leases that contradict others are found; -y gives their messages again" {
  skip_without sqlite3
  seq 10 | mq-put jobs
  mq-get -g g --ack=manual -c 3 jobs >/dev/null
  sqlite3 "$MQ_SPOOL/index.db" 'update range set last = 99' >/dev/null
  run -4 --separate-stderr mq-fsck -n
  [[ $output == *"group g on jobs:0 has "*" leases that contradict others"* ]]
  run -1 mq-fsck -y
  run -0 mq-fsck -n
  [ "$(mq-get -g g jobs)" = "$(seq 10)" ]
}

@test "leases that belong to no group are found; -y drops them" {
  skip_without sqlite3
  seq 10 | mq-put jobs
  mq-get -g g --ack=manual -c 3 jobs >/dev/null
  sqlite3 "$MQ_SPOOL/index.db" 'update range set sub = sub + 7' >/dev/null
  run -4 --separate-stderr mq-fsck -n
  [[ $output == *"leases or subscriptions belong to no group"* ]]
  run -1 mq-fsck -y
  run -0 mq-fsck -n
  [ "$(mq-get -g g jobs)" = "$(seq 10)" ]
}

@test "messages of which no lease knows are found; -y gives them again" {
  skip_without sqlite3
  seq 10 | mq-put jobs
  mq-get -g g --ack=manual -c 3 jobs >/dev/null
  cp -p "$MQ_SPOOL/index.db" stamp
  sqlite3 -cmd '.filectrl persist_wal 1' "$MQ_SPOOL/index.db" \
    'pragma wal_autocheckpoint = 0; delete from range' >/dev/null
  touch -r stamp "$MQ_SPOOL/index.db"
  run -4 --separate-stderr mq-fsck -n
  [[ $output == *"group g on jobs:0 has lost sight of messages"* ]]
  run -1 mq-fsck -y
  run -0 mq-fsck -n
  [ "$(mq-get -g g jobs)" = "$(seq 10)" ]
}

@test "an index of which somebody has put back a part loses no message" {
  skip_without sqlite3
  seq 10 | mq-put jobs
  mq-get -g g --ack=manual -c 3 jobs >/dev/null
  sqlite3 "$MQ_SPOOL/index.db" 'delete from range' >/dev/null
  run -0 --separate-stderr mq-get -g g jobs
  assert_output "$(seq 10)"
}

@test "--rebuild-index keeps groups and what they have settled" {
  seq 10 | mq-put jobs
  mq-get -g g -c 4 jobs >/dev/null
  run -0 mq-fsck --rebuild-index
  [ "$(mq-get -g g jobs)" = "$(seq 5 10)" ]
}

@test "what killed processes left over is found and removed, foreign files are found and stay" {
  mq-put -m 1 jobs
  touch "$(partition_of jobs)/.epochs.new" "$(partition_of jobs)/notes"
  mkdir -p "$MQ_SPOOL/topics/.deleted+0123456789abcdef/0"
  run -4 --separate-stderr mq-fsck -n
  [ "${lines[0]}" = "topics/jobs/0/.epochs.new: left over by a process that was killed (mq-fsck -y mends it)" ]
  [ "${lines[1]}" = "topics/jobs/0/notes: does not belong here" ]
  [ "${lines[2]}" = "topics/.deleted+0123456789abcdef: left over by a process that was killed (mq-fsck -y mends it)" ]
  run -5 mq-fsck -y
  rm "$(partition_of jobs)/notes"
  run -0 mq-fsck -n
}

# Kills behind each call that changes or syncs a file, until there is none left.
@test "a mend of a stopped partition that is killed anywhere is ended by the next one" {
  local n=0
  find_libfi
  seq 3 | mq-put --batch 1 jobs
  run -74 env LD_PRELOAD="$fi" FI='fdatasync:path=*.log:do=errno(EIO)' \
    "$build/t/crash/bin/mq-put" -m refused jobs
  run -4 mq-fsck -n
  cp -a "$MQ_SPOOL" stopped
  while n=$((n + 1)); do
    rm -rf "$MQ_SPOOL"
    cp -a stopped "$MQ_SPOOL"
    LD_PRELOAD=$fi FI="@(ftruncate|rename*|fdatasync):path=*/jobs/0*:nth=$n:do=kill-after" \
      run mq-fsck -y
    [ "$status" -eq 137 ] || break
    run mq-fsck -y
    [ "$status" -le 1 ]
    mq-put -m more jobs
    mq-get jobs | grep -vx refused | diff - <(seq 3; echo more)
    run -0 mq-fsck -n
  done
  [ "$status" -eq 1 ]
  [ "$n" -gt 5 ]
}

@test "a topic that is being made is not left over, a killed maker's is" {
  mq-put -m 1 jobs
  mkdir "$MQ_SPOOL/topics/.new+0123456789abcdef"
  exec 8<"$MQ_SPOOL/topics/.new+0123456789abcdef"
  flock 8
  run -0 mq-fsck -n
  run -0 mq-fsck -y
  [ -d "$MQ_SPOOL/topics/.new+0123456789abcdef" ]
  exec 8<&-
  run -4 mq-fsck -n
  run -1 mq-fsck -y
  run -0 mq-fsck -n
}

@test "a partition that is added and used while a check looks is not foreign" {
  find_libfi
  mq-topic create -p 2 t
  in_background check env LD_PRELOAD="$fi" FI='fdopendir:path=*/topics/t:nth=1:do=stop' \
    mq-fsck -n
  wait_until grep -q 'State:.T' "/proc/$background/status"
  mq-topic alter -p 3 t
  mq-put -p 2 -m a t
  kill -CONT "$background"
  wait "$background"
  run -0 cat check.out check.err
  assert_output ""
}

@test "a topic with a bad topic.yaml is named, the others are checked" {
  mq-put -m 1 jobs
  mq-put -m 1 mails
  echo 'nonsense: 1' >>"$MQ_SPOOL/topics/jobs/topic.yaml"
  flip "$(segments_of mails)" 61
  run -4 --separate-stderr mq-fsck
  [[ ${lines[0]} == "topics/jobs/topic.yaml: "* ]]
  [[ ${lines[1]} == "topics/mails/0/00000000000000000000.log: byte 0: "* ]]
}

@test "a topic deleted leaves nothing to complain about" {
  mq-put -m 1 jobs
  mq-get -g g jobs >/dev/null
  mq-topic delete --yes jobs
  run -0 mq-fsck -n
  run -0 mq-fsck -y
  run -0 mq-fsck -n
}

@test "what cannot be checked exits 8: no spool, no such topic" {
  run -8 mq-fsck
  mq-put -m 1 jobs
  run -8 mq-fsck nope
  run -64 mq-fsck -n -y
}
