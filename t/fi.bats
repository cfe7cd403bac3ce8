#!/usr/bin/env bats
# Promise of the harness: libfi.so does to a process what a rule says.
load helper

setup() {
  fresh_spool
  find_libfi
  tools=$build/t/crash/bin
}

# under RULES COMMAND...
under() {
  local rules=$1
  shift
  env LD_PRELOAD="$fi" FI="$rules" "$@"
}

# under RULES calls STEP...: stdout in $output, as one line.
calls_under() {
  local rules=$1
  shift
  run --separate-stderr under "$rules" "$helpers/calls" "$@"
  output=${output//$'\n'/, }
}

# Calls and faults of the first rule, as FI_COUNT has them.
counted() {
  od -An -tu8 -v -w8 "$1" | awk 'NR == 1 { calls = $1 } NR == 9 { print calls, $1 }'
}

@test "errno fails the nth call, and no other" {
  calls_under 'write:path=*/f:nth=2:do=errno(ENOSPC)' open="$PWD/f" write=10 write=10 write=10 size
  assert_output 'open 0, write 10, write ENOSPC, write 10, size 20'
  run -75 --separate-stderr under 'pwrite:path=*.log:do=errno(ENOSPC)' "$tools/mq-put" -m a t
  assert_stderr 'No space left on device'
}

@test "forever fails each call from the nth on, and without nth each fails" {
  calls_under 'write:path=*/f:nth=2:do=errno(28)+forever' open="$PWD/f" write=10 write=10 write=10
  assert_output 'open 0, write 10, write ENOSPC, write ENOSPC'
  calls_under '@(mkdir|unlink):do=errno(EACCES)' mkdir=d unlink=d mkdir=d
  assert_output 'mkdir EACCES, unlink EACCES, mkdir EACCES'
  mq-put -m a t
  run -74 under 'fdatasync:do=errno(EIO)+forever' "$tools/mq-put" -m b t
}

@test "short writes and reads so many bytes, truly" {
  calls_under 'write:path=*/f:nth=1:do=short(3);pread:nth=2:do=short(5)' \
    open="$PWD/f" write=10 size write=10 size read=99 read=99
  assert_output 'open 0, write 3, size 3, write 10, size 13, read 13, read 5'
  calls_under 'pwritev:do=short(7)' open=f pwritev=40 size
  assert_output 'open 0, pwritev 7, size 20'
  under 'p?(re)write*:do=short(3);pread:do=short(3)' "$tools/mq-put" -m "a message" t
  run -0 mq-get t
  assert_output "a message"
}

@test "torn writes so many bytes and kills" {
  calls_under 'write:path=*/f:nth=2:do=torn(4)+kill' open="$PWD/f" write=10 write=10 write=10
  [ "$status" -eq 137 ]
  assert_output 'open 0, write 10'
  [ "$(stat -c %s f)" -eq 14 ]
  mq-put -m a t
  run -137 under 'pwrite:path=*.log:do=torn(9)+kill' "$tools/mq-put" -m b t
  mq-put -m c t
  run -0 mq-get t
  assert_output $'a\nc'
}

@test "kill-before kills without the call, kill-after behind it" {
  calls_under 'mkdir:do=kill-before' mkdir=before
  [ "$status" -eq 137 ]
  [ ! -e before ]
  calls_under 'mkdir:do=kill-after' mkdir=after
  [ "$status" -eq 137 ]
  [ -d after ]
  run -137 under 'pwrite:path=*.log:do=kill-before' "$tools/mq-put" -m a t
  run -1 mq-get t
  run -137 under 'pwrite:path=*.log:do=kill-after' "$tools/mq-put" -m b t
  run -0 mq-get t
  assert_output b
}

@test "stop stops the process before the call, until it is continued" {
  in_background stopped env LD_PRELOAD="$fi" FI='mkdir:do=stop' "$helpers/calls" pid mkdir=d
  wait_until has_lines stopped.out 1
  wait_until grep -q 'State:.T' "/proc/$background/status"
  [ ! -e d ]
  kill -CONT "$background"
  wait "$background"
  [ -d d ]
  mq-put -m a t
  in_background put env LD_PRELOAD="$fi" FI='fdatasync:nth=1:do=stop' "$tools/mq-put" -v -m b t
  wait_until grep -q 'State:.T' "/proc/$background/status"
  [ ! -s put.err ]
  kill -CONT "$background"
  wait "$background"
  grep -q t:0:1 put.out put.err
}

@test "delay holds up the call and does it" {
  local start=${EPOCHREALTIME/./}
  calls_under 'mkdir:do=delay(200000)' mkdir=d
  assert_output 'mkdir 0'
  [ $((${EPOCHREALTIME/./} - start)) -ge 200000 ]
  start=${EPOCHREALTIME/./}
  under 'fdatasync:nth=1:do=delay(200000)' "$tools/mq-put" -m a t
  [ $((${EPOCHREALTIME/./} - start)) -ge 200000 ]
}

@test "lie claims success and does nothing" {
  calls_under '@(write|mkdir|ftruncate):path=*/[fd]:do=lie' open="$PWD/f" write=10 size \
    truncate=99 size mkdir="$PWD/d" list="$HOME"
  assert_output 'open 0, write 10, size 0, truncate 0, size 0, mkdir 0, list 2'
  [ ! -e d ]
  # The tool believes it; whoever reads finds out.
  run -0 under 'pwrite:path=*.log:do=lie' "$tools/mq-put" -m a t
  run -74 mq-get t
}

@test "a call that must give something back cannot be a lie" {
  calls_under '@(open|fstat|mmap):do=lie' open=f size
  assert_output 'open 0, size 0'
}

@test "nth counts over all processes that share FI_COUNT" {
  export FI_COUNT=$PWD/count
  calls_under 'mkdir:nth=3:do=errno(EIO)' mkdir=a mkdir=b
  assert_output 'mkdir 0, mkdir 0'
  calls_under 'mkdir:nth=3:do=errno(EIO)' mkdir=c mkdir=d
  assert_output 'mkdir EIO, mkdir 0'
  run counted count
  assert_output '4 1'
  unset FI_COUNT
  calls_under 'mkdir:nth=3:do=errno(EIO)' mkdir=e mkdir=f
  assert_output 'mkdir 0, mkdir 0'
}

@test "of many processes at once exactly one gets the nth call" {
  mq-topic create t
  export FI_COUNT=$PWD/count
  for i in 1 2 3 4 5 6 7 8; do
    under 'pwrite:path=*.log:nth=5:do=kill-before' "$tools/mq-put" -m "$i" t &
    puts+=($!)
  done
  dead=0
  for put in "${puts[@]}"; do
    wait "$put" || { [ $? -eq 137 ] && dead=$((dead + 1)); }
  done
  [ "$dead" -eq 1 ]
  [ "$(count_of t)" -eq 7 ]
  run counted count
  assert_output '8 1'
}

@test "a rule holds for the programs and paths that it names" {
  calls_under 'mkdir:program=mq-*:do=errno(EIO);mkdir:path=*/b:do=errno(EPERM)' mkdir=a mkdir=./b
  assert_output 'mkdir 0, mkdir EPERM'
  run -74 under 'any:program=mq-put:path=*/topics/t/0*:do=errno(EIO)' "$tools/mq-put" -m a t
}

@test "several rules count for themselves" {
  export FI_COUNT=$PWD/count
  calls_under 'mkdir:nth=1:do=errno(EIO);@(mkdir|unlink):nth=2:do=errno(EPERM)' mkdir=a mkdir=b unlink=c
  assert_output 'mkdir EIO, mkdir EPERM, unlink ENOENT'
  run counted count
  assert_output '2 1'
}

@test "every allocation can fail, those of the C library too" {
  calls_under 'malloc:do=errno(ENOMEM)' alloc=100 alloc=101 copy
  assert_output 'alloc ENOMEM, alloc 0, copy ENOMEM'
  calls_under 'alloc:nth=2:do=errno(ENOMEM)' alloc=100 alloc=101 alloc=100
  assert_output 'alloc 0, alloc ENOMEM, alloc 0'
  mq-put -m a t
  run under 'alloc:nth=1:do=errno(ENOMEM)' "$tools/mq-get" t
  [ "$status" -ne 0 ]
}

@test "any is every system call, and a pattern names some of them" {
  calls_under 'any:nth=3:do=errno(EIO)' mkdir=a poll=1 unlink=a clock=wall
  [[ $output == 'mkdir 0, poll 0, unlink EIO, clock '* ]] # their telling is no call here
}

@test "sites tell of each call, where it comes from and which was struck" {
  export FI_SITES=$PWD/sites
  calls_under 'mkdir:nth=2:do=errno(EIO)' mkdir=a mkdir=b unlink=c
  run cut -f 1,2,3,6,7 sites
  assert_output "$(printf '%s\tmkdir\tcalls\t%s\t%s\n' 1 a - 2 b 'errno(EIO)')"
  run cut -f 5 sites
  [[ ${lines[0]} == calls+*'<'* ]]
  [ "${lines[0]}" = "${lines[1]}" ]
  # The place can be asked for, and the number is what nth would be.
  site=${lines[0]} FI_SITES=$PWD/again
  calls_under "mkdir:site=$site:nth=1:do=errno(EIO)" mkdir=x
  assert_output 'mkdir EIO'
  rm sites
  FI_SITES=$PWD/sites under any "$tools/mq-put" -m a t
  grep -q $'\tfdatasync\tmq-put\t[0-9]*\tmq-put+[0-9a-f]*<.*\\.log\t-$' sites
  [ "$(cut -f 1 sites | sort -n | uniq | wc -l)" -eq "$(wc -l <sites)" ]
}

@test "rules that make no sense are refused" {
  for rules in 'fsink:do=lie' 'write:nth=0' 'write:do=errno(EWHAT)' 'write:do=fall' \
    'write:who=me' 'write:nth'; do
    run -70 --separate-stderr under "$rules" "$helpers/calls" mkdir=d
    assert_stderr 'libfi: cannot understand'
  done
  [ ! -e d ]
}

@test "each clock jumps by itself, forward and back" {
  export FI_CLOCK=$PWD/clock
  "$helpers/clockjump" clock wall -3600
  "$helpers/clockjump" clock boot 60
  calls_under '' clock=wall clock=boot clock=monotonic
  read -r _ wall _ boot _ monotonic <<<"${output//,/}"
  [ $(($(date +%s) - wall)) -ge 3600 ]
  [ $(($(date +%s) - wall)) -le 3620 ]
  [ $((boot - monotonic)) -ge 59 ]
  "$helpers/clockjump" clock wall 7200
  calls_under '' clock=wall
  [ $((${output#clock } - $(date +%s))) -ge 3580 ]
}
