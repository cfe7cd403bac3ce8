#!/usr/bin/env bats
# Promise: what a consumer holds is tied to its life by a lock, not by a number
# that comes again; a machine that starts again, or a consumer that never
# answers, blocks nobody.
load helper

setup() {
  fresh_spool
  find_libfi
  export FI_CLOCK=$PWD/clock
  PATH=$build/t/crash/bin:$PATH
}

timed() {
  env LD_PRELOAD="$fi" "$@"
}

jump() { # SECONDS of the boot clock
  "$helpers/clockjump" clock boot "$1"
}

# A tool as it runs after the machine was started again: the clock began anew,
# and the kernel has another name for this boot.
rebooted() {
  echo 11111111-2222-4333-8444-555555555555 >boot_id
  unshare -m sh -c 'mount --bind boot_id /proc/sys/kernel/random/boot_id &&
    exec "$@"' sh env LD_PRELOAD="$fi" "$@"
}

skip_unless_rebooted() {
  skip_unless_root "mounts another boot id"
  rebooted true 2>/dev/null || skip "no mount namespaces here"
}

# A consumer that holds all of topic t, as its output takes nothing: $holder.
hold_all() {
  for i in $(seq 999); do printf '%0100d\n' "$i"; done | mq-put t
  mkfifo pipe
  sleep 100 <pipe >/dev/null 3>&- &
  backgrounds+=("$!")
  env LD_PRELOAD="$fi" mq-get -g g --lease 1h t >pipe 3>&- &
  holder=$!
  wait_until is_all_held
  run -1 timed mq-get -g g t
}

is_all_held() {
  mq-group show -j g t | grep -q '"ready":0,"leased":999,'
}

@test "a process that got the pid of a killed consumer does not hold its leases" {
  skip_unless_root "gives out pids"
  unshare -pf --mount-proc true 2>/dev/null || skip "no pid namespaces here"
  cat >again <<'SCRIPT'
set -eu
mkfifo pipe
sleep 100 <pipe >/dev/null &
mq-get -g g --lease 1h t >pipe &
holder=$!
until [ "$(mq-get -g g -c 1 t | wc -l)" -eq 0 ]; do :; done
kill -9 $holder
wait $holder || true
echo $((holder - 1)) >/proc/sys/kernel/ns_last_pid
sleep 100 &
[ $! -eq $holder ] || exit 77
exec mq-get -g g -w 5s -c 1 -f '%a' t
SCRIPT
  for i in $(seq 999); do printf '%0100d\n' "$i"; done | mq-put t
  run --separate-stderr unshare -pf --mount-proc bash again
  [ "$status" -ne 77 ] || skip "the kernel gives no pid twice here"
  [ "$status" -eq 0 ]
  assert_output 2
}

@test "what a consumer held when the machine went down is free once it is up" {
  skip_unless_rebooted
  jump 1000000
  hold_all
  crash "$holder"
  jump -1000000
  run -0 rebooted mq-get -g g -c 1 -f '%a' t
  assert_output 2
}

@test "a consumer of a boot that is gone is free though its lock seems to be held" {
  skip_unless_rebooted
  hold_all
  run -1 rebooted mq-get -g g -c 1 t
  crash "$holder"
  run -0 rebooted mq-get -g g -c 1 -f '%a' t
  assert_output 2
}

@test "a lease by hand lasts its time anew after a reboot, and no longer" {
  skip_unless_rebooted
  jump 1000000
  timed mq-put -m a t
  receipt=$(timed mq-get -g g --ack=manual --lease 60s -c 1 -f '%r' t)
  jump -1000000
  run -1 rebooted mq-get -g g t
  jump 50
  run -1 rebooted mq-get -g g t
  jump 11
  run -0 rebooted mq-get -g g -f '%a' t
  assert_output 2
  run -1 rebooted mq-ack "$receipt"
}

@test "a receipt is good after a reboot" {
  skip_unless_rebooted
  timed mq-put -m a t
  receipt=$(timed mq-get -g g --ack=manual --lease 60s -c 1 -f '%r' t)
  run -0 rebooted mq-ack "$receipt"
  jump 99
  run -1 rebooted mq-get -g g t
}

@test "what nobody ever acknowledges is buried after its attempts, and blocks nobody" {
  printf '%s\n' poison other | mq-put t
  for attempt in 1 2 3; do
    run -0 timed mq-get -g g --ack=manual --lease 60s --max-attempts 3 \
      --backoff 1s..1s -c 1 -f '%v %a' t
    assert_output "poison $attempt"
    jump 61
  done
  run -0 timed mq-get -g g --max-attempts 3 t
  assert_output other
  run -0 mq-dead list -j t
  [[ "$output" == *'"attempts":3,'* ]]
  [[ "$output" == *'the lease ended without an outcome'* ]]
  run -1 timed mq-get -g g --max-attempts 3 t
}
