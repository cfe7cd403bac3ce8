#!/usr/bin/env bats
# Promise: a disk that fails, hangs or is slow loses nothing that was promised.

load helper

setup() {
  fresh_spool
  skip_unless_root "mounts file systems"
  disk=$BATS_TEST_TMPDIR/disk
  mkdir "$disk"
  export MQ_SPOOL=$disk/spool
}

teardown() {
  stop_background
  fsfreeze -u "$disk" 2>/dev/null || true
  umount -l "$disk" 2>/dev/null || true
  [ -z "${device:-}" ] || losetup -d "$device" 2>/dev/null || true
  wait_until detached || true
  umount -l "$BATS_TEST_TMPDIR/fuse" 2>/dev/null || true
  stop_background
}

# The kernel lets go of a device a little after the last use.
detached() {
  [ -z "${device:-}" ] || ! losetup "$device" 2>/dev/null
}

# A disk in the memory of nbdkit: its writes fail while the file "fail" is
# there; other options are filters of nbdkit and what they take.
make_disk() {
  skip_without nbdkit
  skip_without nbdfuse
  local filters=()
  while [ $# -gt 0 ] && [ "$1" != -- ]; do filters+=("--filter=$1"); shift; done
  shift
  mkdir fuse
  in_background nbdkit nbdkit -f -U "$PWD/socket" "${filters[@]}" memory 64M "$@"
  wait_until test -S socket
  in_background nbdfuse nbdfuse fuse --unix "$PWD/socket"
  wait_until test -e fuse/nbd || skip "no FUSE here"
  mount_image fuse/nbd -O ^has_journal
}

# Without a journal an error of the disk stops us, and not the file system.
mount_image() { # image, options of mkfs.ext4
  local image=$1
  shift
  device=$(losetup -f --show "$image" 2>/dev/null) || skip "no loop devices here"
  mkfs.ext4 -q -F "$@" "$device"
  mount "$device" "$disk" 2>/dev/null || skip "cannot mount here"
}

mount_local() {
  truncate -s 64M image
  mount_image image "$@"
}

make_failing_disk() {
  make_disk error -- error=EIO error-pwrite-rate=100% "error-file=$PWD/fail"
}

# What the disk has, not what the cache remembers.
remount() {
  umount "$disk"
  mount "$device" "$disk"
}

@test "a sync that fails once stops the partition by name, until mq-fsck has asked the disk" {
  make_failing_disk
  mq-put -m first t
  touch fail
  run -74 --separate-stderr mq-put -m refused t
  assert_stderr '00000000000000000000.log: fdatasync: Input/output error'
  rm fail
  run -74 --separate-stderr mq-put -m later t
  assert_stderr 'nothing more is taken until mq-fsck -y'
  [ "$(mq-get t)" = first ]
  run -4 mq-fsck -n
  [[ $output == topics/t/0/*'stopped: a sync has failed (mq-fsck -y mends it)' ]]
  run -1 mq-fsck -y
  mq-put -m second t
  [ "$(mq-get t)" = "$(printf 'first\nsecond')" ]
  remount
  [ "$(mq-get t)" = "$(printf 'first\nsecond')" ]
  mq-fsck -n
}

@test "a sync that fails for ever leaves reading, and mq-fsck mends once the disk is whole" {
  make_failing_disk
  seq 100 | mq-put t
  touch fail
  run -74 mq-put -m refused t
  run -74 mq-put -m refused t
  run -8 mq-fsck -y
  [ "$(mq-get t)" = "$(seq 100)" ]
  run -74 mq-put -m refused t
  rm fail
  run -1 mq-fsck -y
  remount
  [ "$(mq-get t)" = "$(seq 100)" ]
  seq 101 110 | mq-put t
  [ "$(mq-get t)" = "$(seq 110)" ]
  mq-fsck -n
}

@test "many producers on a disk that fails: what was stored is on the disk, nothing else is shown" {
  make_failing_disk
  mq-topic create -X segment.bytes=16K t
  for n in 1 2 3; do
    seq -f "$n-%05g" 20000 >"input$n"
    in_background "put$n" bash -c "exec mq-put -v --batch 1 t <input$n"
  done
  wait_until has_lines put1.out 20
  touch fail
  for pid in "${backgrounds[@]: -3}"; do
    status=0
    wait "$pid" || status=$?
    [ "$status" -eq 74 ]
  done
  rm fail
  run -1 mq-fsck -y
  remount
  mq-get -f '%v\n' t >there
  for n in 1 2 3; do
    stored=$(wc -l <"put$n.out")
    # Only a producer's first ones, and at least those that it was told of.
    grep "^$n-" there | diff - <(seq -f "$n-%05g" "$(grep -c "^$n-" there)")
    [ "$(grep -c "^$n-" there || true)" -ge "$stored" ]
  done
  mq-fsck -n
}

@test "an acknowledgement that could not be synced is not told as done" {
  make_failing_disk
  seq 3 | mq-put t
  [ "$(mq-get -g g -c 1 t)" = 1 ]
  receipt=$(mq-get -g g --ack=manual -c 1 -f '%r' t)
  touch fail
  run -74 --separate-stderr mq-ack "$receipt"
  assert_stderr 'index.db: sync the WAL: Input/output error'
  run -74 mq-get -g g -c 1 t
  rm fail
  remount
  run mq-get -g g t
  ! grep -qx 1 <<<"$output"
  [ "$(mq-get t)" = "$(seq 3)" ]
  mq-fsck -n
}

@test "a directory that is read-only is refused by name, and read" {
  mount_local
  seq 5 | mq-put t
  mq-get -g g -c 2 t
  mount -o remount,ro "$disk"
  run --separate-stderr mq-put -m refused t
  [ "$status" -ne 0 ]
  assert_stderr 'ead-only'
  run --separate-stderr mq-get -g g -c 1 t
  [ "$status" -ge 64 ]
  [ "$(mq-get t)" = "$(seq 5)" ]
  mount -o remount,rw "$disk"
  mq-put -m 6 t
  [ "$(mq-get -g g t)" = "$(seq 3 6)" ]
  mq-fsck -n
}

@test "a frozen disk holds who writes, and nobody who reads" {
  skip_without fsfreeze
  mount_local
  seq 100 | mq-put t
  in_background reader mq-get -F t
  wait_until has_lines reader.out 100
  fsfreeze -f "$disk"
  in_background writer mq-put -m 101 t
  writer=$background
  wait_until is_asleep "$writer"
  [ "$(timeout 10 mq-get t)" = "$(seq 100)" ]
  kill -0 "$writer"
  fsfreeze -u "$disk"
  wait "$writer"
  wait_until has_lines reader.out 101
  [ "$(mq-get t)" = "$(seq 101)" ]
  mq-fsck -n
}

@test "a slow disk makes a producer wait in little memory, and loses nothing" {
  [ -z "${MQ_SANITIZED:-}" ] || skip "under sanitizers: memory is not our own"
  make_disk delay -- delay-write=3ms
  head -c 8000000 /dev/zero | tr '\0' x | fold -w 999 >many
  echo last >>many
  in_background put bash -c 'ulimit -v 100000; exec mq-put t <many'
  wait "$background"
  mq-get t | cmp - many
  mq-fsck -n
}

# A read error may pass, and what nobody could read is not damaged yet: readers
# go on behind it and say so, groups do not.
@test "a read error in a sealed segment is told by name, changes nothing, and the rest is read" {
  [ -x "$build/t/crash/bin/mq-get" ] || skip "no tools for libfi.so"
  mq-topic create -X segment.bytes=4K t
  for n in $(seq 20); do printf '%0900d\n' "$n" | mq-put t; done
  bad=$(segments_of t | sed -n 3p | xargs basename)
  first=$(sed 's/^0*//; s/.log$//' <<<"$bad")
  next=$(segments_of t | sed -n 4p | xargs basename -s .log | sed 's/^0*//')
  size=$(stat -c %s "$(partition_of t)/$bad")
  before=$(cksum "$(partition_of t)"/*.log)
  failing="env LD_PRELOAD=$build/t/fi/libfi.so FI=@(pread|read|preadv):path=*/$bad:do=errno(EIO)"
  run -74 --separate-stderr $failing "$build/t/crash/bin/mq-get" -f '%o\n' t
  assert_stderr "segment $bad: bytes 0 to $size (offsets $first to $((next - 1))) cannot be read: Input/output error"
  assert_output "$(seq 0 $((first - 1)); seq "$next" 19)"
  run -0 $failing "$build/t/crash/bin/mq-get" -o "$next" -f '%o\n' t
  assert_output "$(seq "$next" 19)"
  run -74 --separate-stderr $failing "$build/t/crash/bin/mq-get" -g g -f '%o\n' t
  assert_stderr "$bad: read: Input/output error"
  run -0 $failing "$build/t/crash/bin/mq-put" -v -m more t
  assert_output t:0:20
  [ "$(cksum "$(partition_of t)"/*.log | head -n 3)" = "$(head -n 3 <<<"$before")" ]
  [ "$(count_of t)" -eq 21 ]
  run -0 mq-get -g g -f '%o\n' t
  [ "$(tail -n $((21 - first)) <<<"$output")" = "$(seq "$first" 20)" ]
}

@test "of a sealed segment with one page that cannot be read, a follower gets all messages but those in it" {
  [ -x "$build/t/crash/bin/mq-get" ] || skip "no tools for libfi.so"
  mq-topic create -X segment.bytes=16K t
  for n in $(seq 40); do printf '%0900d\n' "$n" | mq-put t; done
  rules=
  for nth in 1 2 4; do # all of it at once, again, and then its second page
    rules+="pread:path=*/00000000000000000000.log:nth=$nth:do=errno(EIO);"
  done
  run -74 --separate-stderr env LD_PRELOAD="$build/t/fi/libfi.so" FI="${rules%;}" \
    "$build/t/crash/bin/mq-get" -F -c 34 -f '%o %v\n' t
  assert_stderr "(offsets 4 to 8) cannot be read: Input/output error"
  for n in $(seq 0 3) $(seq 9 38); do printf '%d %0900d\n' "$n" $((n + 1)); done >good
  cmp good - <<<"$output"
}
