#!/usr/bin/env bats
# Promise: nobody takes new messages for those that a power cut took from there.

load helper

setup() {
  fresh_spool
  tools=$build/t/crash/bin
  [ -x "$tools/mq-get" ] || skip "no tools for libfi.so"
}

# A power cut: the segment of $1 ends at byte $2, and what runs next is $3...
# in another boot, as all is from then on.
cut_power() {
  truncate -s "$2" "$(segments_of "$1")"
  export FI_BOOT=11111111-2222-3333-4444-555555555555
  export LD_PRELOAD=$build/t/fi/libfi.so
  PATH=$tools:$PATH
}

# The power goes as in cut_power, and bytes $2 to $3 of the segment of $1 have
# not reached the disk.
lose_bytes() {
  dd if=/dev/zero of="$(segments_of "$1")" bs=1 seek="$2" count=$(($3 - $2)) \
    conv=notrunc status=none
  cut_power "$1" "$(wc -c <"$(segments_of "$1")")"
}

die() {
  mq-get -g g --max-attempts 1 jobs -- sh -c 'cat >/dev/null; exit 65' || true
}

@test "reads by offset are right where positions tell of a tail that is gone" {
  mq-topic create -X mq.sync=never jobs
  seq 200000 | mq-put --batch 100 jobs
  mq-fsck --rebuild-index
  [ "$(wc -c <"$(partition_of jobs)/positions")" -gt 0 ]
  size=$(wc -c <"$(segments_of jobs)")
  cut_power jobs $((size / 2))
  mq-put -q -m first jobs
  left=$(mq-get -f '%o\n' jobs | tail -n 1)
  [ "$left" -gt 50000 ] && [ "$left" -lt 150000 ]
  seq $((left + 2)) 300000 | mq-put --batch 100 jobs
  [ "$(mq-get -o $((left - 1)) -c 1 jobs)" = "$left" ]
  [ "$(mq-get -o "$left" -c 1 jobs)" = first ]
  [ "$(mq-get -o 290000 -c 1 jobs)" = 290001 ]
  run -0 mq-fsck -n
}

@test "a group takes new messages where the settled ones are gone" {
  mq-topic create -X mq.sync=never jobs
  seq 4 | mq-put --batch 1 jobs
  [ "$(mq-get -g g jobs)" = "$(seq 4)" ]
  size=$(wc -c <"$(segments_of jobs)")
  cut_power jobs $((size / 2))
  [ "$(mq-put -v -m new jobs)" = jobs:0:2 ]
  [ "$(mq-get -g g jobs)" = new ]
  [ "$(mq-get jobs)" = "$(printf '1\n2\nnew')" ]
  run -0 mq-fsck -n
}

# A consumer that wrote a letter is killed before he could settle the message.
@test "letters that are gone are not taken for those at their offsets now" {
  mq-topic create -X mq.sync=never jobs.dead
  seq 3 | mq-put --batch 1 jobs
  die
  [ "$(mq-get -f '%o\n' jobs.dead)" = "$(printf '0\n1\n2')" ]
  cut_power jobs.dead 0
  mq-put -m four jobs
  (
    export FI='@(pwrite|pwritev):path=*/jobs.dead/*.log:nth=1:do=kill-after'
    run -137 mq-get -g g --max-attempts 1 jobs -- sh -c 'exit 65'
  )
  [ "$(mq-get -f '%o %v\n' jobs.dead)" = '0 four' ]
  die
  [ "$(mq-get -f '%o %v\n' jobs.dead)" = '0 four' ]
  run -1 mq-get -g g jobs
  run -0 mq-fsck -n
}

@test "mq-fsck says that it mends a segment that begins with zeros, and does" {
  mq-topic create -X mq.sync=never jobs
  seq 2000 | mq-put --batch 20 jobs
  lose_bytes jobs 0 4096
  run -4 mq-fsck -n
  [[ $output == *"byte 0: offsets 0-"*"damaged: zeros (mq-fsck -y mends it)"* ]]
  run -1 mq-fsck -y
  run -0 mq-fsck -n
  first=$(mq-get -c 1 jobs)
  [ "$first" -gt 1 ]
  [ "$(mq-get jobs)" = "$(seq "$first" 2000)" ]
  [ "$(mq-put -v -m new jobs)" = jobs:0:2000 ]
  run -0 mq-fsck -n
}

@test "a segment of zeros alone is an empty log" {
  mq-topic create -X mq.sync=never jobs
  seq 2000 | mq-put --batch 20 jobs
  lose_bytes jobs 0 "$(wc -c <"$(segments_of jobs)")"
  run -0 mq-fsck -n
  [ "$(mq-put -v -m new jobs)" = jobs:0:0 ]
  [ "$(mq-get jobs)" = new ]
  run -0 mq-fsck -n
}
