#!/usr/bin/env bats
# Promise: a full disk refuses puts with 75, and loses or blocks nothing else.

load helper

setup() {
  fresh_spool
  disk="$BATS_TEST_TMPDIR/disk"
  mkdir -p "$disk"
  mount -t tmpfs -o "size=${DISK_SIZE:-6m},mode=0700" mq-full "$disk" 2>/dev/null || skip "cannot mount a small tmpfs here"
  export MQ_SPOOL="$disk/spool"
}

teardown() {
  stop_background
  umount -l "$disk" 2>/dev/null || true
}

fill_disk() {
  dd if=/dev/zero of="$disk/ballast" bs=64k 2>/dev/null || true
  dd if=/dev/zero of="$disk/ballast2" bs=1k 2>/dev/null || true
}

# Puts numbered lines of 1,000 bytes until one is refused; prints how many were stored.
put_until_refused() {
  local n=0 status=0
  while [ "$status" -eq 0 ] && [ "$n" -lt 20000 ]; do
    status=0
    mq-put -m "$(printf '%08d%0992d' "$n" 0)" "$1" 2>"$BATS_TEST_TMPDIR/err" || status=$?
    [ "$status" -eq 0 ] && n=$((n + 1))
  done
  echo "$n $status"
}

@test "an append on a full disk exits 75, stores no half batch, and resumes when space is back" {
  mq-put -m first t
  fill_disk
  read -r stored status < <(put_until_refused t)
  [ "$status" -eq 75 ]
  grep -qi 'no space' "$BATS_TEST_TMPDIR/err"
  [ "$(mq-get t | wc -l)" -eq $((stored + 1)) ]
  mq-fsck -n
  rm "$disk"/ballast*
  mq-put -m last t
  [ "$(mq-get t | tail -n 1)" = last ]
  [ "$(mq-get t | wc -l)" -eq $((stored + 2)) ]
}

@test "a large message that does not fit is refused whole" {
  mq-put -m first t
  run -75 mq-put -1 t < <(head -c 20000000 /dev/zero)
  [ "$(mq-get t)" = first ]
  mq-put -m second t
  [ "$(mq-get t | wc -l)" -eq 2 ]
  mq-fsck -n
}

@test "consumers and acknowledgements go on while the disk is full" {
  seq 200 | mq-put t
  mq-get -g g -c 1 t >/dev/null
  fill_disk
  for n in $(seq 2 50); do
    [ "$(mq-get -g g -c 1 t)" = "$n" ]
  done
  r=$(mq-get -g g --ack=manual -c 1 -f '%r' t)
  mq-ack "$r"
  [ "$(mq-get -g g t | wc -l)" -eq 149 ]
  run -1 mq-get -g g t
}

@test "a roll on a full disk exits 75 and puts resume afterwards" {
  mq-topic create t -X segment.bytes=64K
  seq 1000 | mq-put t
  fill_disk
  read -r stored status < <(put_until_refused t)
  [ "$status" -eq 75 ]
  [ "$(mq-get t | wc -l)" -eq $((stored + 1000)) ]
  rm "$disk"/ballast*
  mq-put -m last t
  [ "$(mq-get t | wc -l)" -eq $((stored + 1001)) ]
  mq-fsck -n
}

@test "a control page that cannot be made leaves reading possible and puts refused with 75" {
  mq-put -m first t
  rm "$MQ_SPOOL"/topics/t/0/control
  fill_disk
  [ "$(mq-get t)" = first ]
  run mq-put -m second t
  [ "$status" -eq 75 ] || [ "$status" -eq 0 ]
  rm "$disk"/ballast*
  mq-put -m third t
  [ "$(mq-get t | head -n 1)" = first ]
  [ "$(mq-get t | tail -n 1)" = third ]
  mq-fsck -n
}

@test "a new topic or index that cannot be made is refused with 75 and leaves nothing behind" {
  mq-put -m first t
  fill_disk
  run mq-put -m x other
  [ "$status" -eq 75 ]
  [ "$(mq-topic list)" = t ]
  rm "$disk"/ballast*
  mq-put -m x other
  [ "$(mq-get other)" = x ]
}

@test "a limit on the size of files is as a full disk: 75, and what was stored is there" {
  mq-topic create -X mq.sync=never t
  seq 10000 >many
  run -75 --separate-stderr bash -c 'ulimit -f 200; cat many many | mq-put --batch 1000 t; exit ${PIPESTATUS[1]}'
  assert_stderr 'messages stored'
  run -0 mq-get t
  [ "$output" = "$(cat many many | head -n "${#lines[@]}")" ]
  cat many many | mq-put t
  mq-fsck -n
}

# Without room for another file. Bytes are left.
mount_without_inodes() { # how many
  umount -l "$disk"
  mount -t tmpfs -o "size=16m,nr_inodes=$1,mode=0700" mq-full "$disk" 2>/dev/null || skip "cannot mount a small tmpfs here"
}

use_up_inodes() {
  local n=0
  while touch "$disk/inode$n" 2>/dev/null; do n=$((n + 1)); done
}

@test "without an inode left a roll, a topic and an index are refused with 75, and all else goes on" {
  mount_without_inodes 64
  mq-topic create t -X segment.bytes=64K
  seq 100 | mq-put t
  use_up_inodes
  read -r stored status < <(put_until_refused t)
  [ "$status" -eq 75 ]
  [ "$stored" -gt 10 ]
  grep -qi 'no space' "$BATS_TEST_TMPDIR/err"
  run -75 mq-put -m x other
  run -75 mq-get -g g -c 1 t
  [ "$(mq-topic list)" = t ]
  [ "$(mq-get t | wc -l)" -eq $((stored + 100)) ]
  mq-fsck -n
  rm "$disk"/inode*
  mq-put -m last t
  [ "$(mq-get -g g t | wc -l)" -eq $((stored + 101)) ]
  mq-fsck -n
}

@test "consumers acknowledge without an inode left" {
  mount_without_inodes 64
  seq 50 | mq-put t
  mq-get -g g -c 1 t >/dev/null
  in_background holder mq-get -F -g g -c 1000 --ack=after t
  wait_until has_lines holder.out 49
  use_up_inodes
  seq 51 60 | mq-put t
  wait_until has_lines holder.out 59
  stop_background
  rm "$disk"/inode*
  run -1 mq-get -g g t
}

@test "a small ext4 without inodes or bytes refuses by name, at the start too, and resumes" {
  skip_without mkfs.ext4
  umount -l "$disk"
  truncate -s 8M image
  mkfs.ext4 -q -F -N 64 image
  mount -o loop image "$disk" 2>/dev/null || skip "no loop devices here"
  mq-topic create t -X segment.bytes=64K
  seq 1000 | mq-put t
  rm "$MQ_SPOOL"/topics/t/0/control
  fill_disk
  use_up_inodes
  run mq-put -m refused t
  [ "$status" -eq 75 ]
  [ "$(mq-get t)" = "$(seq 1000)" ]
  rm "$disk"/inode* "$disk"/ballast*
  mq-put -m 1001 t
  [ "$(mq-get t)" = "$(seq 1001)" ]
  mq-fsck -n
}

@test "a put that meets a full disk in its stream says how many it stored, and the rest can follow" {
  dd if=/dev/zero of="$disk/ballast" bs=1M count=3 2>/dev/null
  seq -f '%0100.0f' 100000 >many
  run -75 --separate-stderr mq-put t <many
  stored=$(count_of t)
  assert_stderr "($stored messages stored)"
  mq-get t | cmp - <(head -n "$stored" many)
  rm "$disk/ballast"
  tail -n "+$((stored + 1))" many | head -n 5000 | mq-put t
  mq-get t | cmp - <(head -n $((stored + 5000)) many)
  mq-fsck -n
}
