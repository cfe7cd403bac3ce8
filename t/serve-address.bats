#!/usr/bin/env bats
# Promise: a server listens where it is told, and nowhere else, and tells its
# clients an address that they get to.

load helper

# The server, with sockets that somebody else has opened: $1 is what Python
# makes them of.
serve_handed() {
  in_background serve /usr/bin/python3 -c '
import os, socket, sys
def listen(host, kind=socket.SOCK_STREAM):
    made = socket.socket(socket.AF_INET, kind)
    made.bind((host, 0))
    if kind == socket.SOCK_STREAM:
        made.listen()
    return made
handed = eval(sys.argv[1])
os.dup2(handed.fileno(), 3)
os.set_inheritable(3, True)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
os.execvp("mq-serve", ["mq-serve"] + sys.argv[2:])' "$@"
}

@test "an address that is none is refused by name, before anybody listens" {
  local bad
  for bad in 127.0.0.1 127.0.0.1: 127.0.0.1:65536 127.0.0.1:-1 \
    127.0.0.1:kafka '[::1]' '[::1:0' '[::1]9092' unix: '' :; do
    run -64 timeout 20 mq-serve --listen "$bad"
    [[ "$output" == *"'$bad'"* || "$output" == *" $bad: "* ]]
    [[ "$output" != *"listening on"* ]]
  done
}

@test "what clients are told to connect to is an address" {
  local bad
  for bad in host host: :9092 host:0 host:65536 'two words:9092' ''; do
    run -64 timeout 20 mq-serve --listen 127.0.0.1:0 --advertise "$bad"
    [[ "$output" == *"'$bad'"* ]]
    [[ "$output" != *"listening on"* ]]
  done
}

@test "a broker with an impossible port is refused by name, and nobody is asked" {
  local bad
  for bad in 127.0.0.1:65536 127.0.0.1: 127.0.0.1:0 unix:; do
    run -64 timeout 20 mq-put -b "$bad" -m x t
    [[ "$output" == *"$bad"* ]]
  done
}

@test "each client is told the address that it has come to" {
  in_background serve mq-serve --insecure --listen 127.0.0.1:0 \
    --listen 127.0.0.2:0 --listen 0.0.0.0:0
  wait_until has_lines serve.err 3
  sed -n 's/.*listening on //p' serve.err >addresses
  for broker in $(cat addresses); do
    kafka -L | grep -qx "  broker 1 at ${broker/0.0.0.0/127.0.0.1} (controller)"
    echo "$broker" | kafka -P -t t
  done
  mq-get t | cmp - addresses
}

@test "an address of IPv6 is told as Kafka tells it, without brackets" {
  grep -q '^0*1 ' /proc/net/if_inet6 || skip "no IPv6 here"
  in_background serve mq-serve --listen '[::1]:0'
  wait_until grep -q 'listening on \[::1\]:' serve.err
  broker=$(sed -n 's/.*listening on //p' serve.err)
  kafka -L | grep -qx "  broker 1 at ::1:${broker##*:} (controller)"
  remotely mq-put -m hello t
  [ "$(kafka -C -e -t t)" = hello ]
  [ "$(remotely mq-get --order=partition -g g t)" = hello ]
}

@test "--advertise is what all clients are told" {
  serve --listen 127.0.0.2:0 --advertise '[fe80::2]:77'
  kafka -L | grep -qx '  broker 1 at fe80::2:77 (controller)'
}

@test "a name is listened on where this machine has one of its addresses" {
  skip_unless_root "names of its own"
  printf '192.0.2.1 here\n127.0.0.1 here\n192.0.2.1 elsewhere\n' >hosts
  unshare -m mount --bind hosts /etc/hosts || skip "no mounts of our own here"
  in_background serve unshare -m sh -c 'mount --bind hosts /etc/hosts &&
    exec mq-serve --insecure --listen here:0'
  wait_until grep -q 'listening on 127.0.0.1:' serve.err
  run unshare -m sh -c 'mount --bind hosts /etc/hosts &&
    exec mq-serve --insecure --listen elsewhere:0'
  assert_output "mq-serve: elsewhere:0: listen: Cannot assign requested address"
}

@test "a socket that is handed over must listen, or the server does not start" {
  local what
  for what in 'open("/dev/null")' 'listen("127.0.0.1", socket.SOCK_DGRAM)' \
    '(socket.socketpair())[0]' 'socket.socket()'; do
    serve_handed "$what"
    ended=0
    wait "$background" || ended=$?
    [ "$ended" -eq 78 ]
    grep -q 'LISTEN_FDS: descriptor 3 is no stream socket that listens' \
      serve.err
    [ "$(wc -l <serve.err)" -eq 1 ]
  done
}

@test "a socket that is handed over and open to others needs --insecure" {
  serve_handed 'listen("0.0.0.0")'
  ended=0
  wait "$background" || ended=$?
  [ "$ended" -eq 77 ]
  grep -q 'not a loopback address' serve.err
  serve_handed 'listen("0.0.0.0")' --insecure
  wait_until grep -q 'listening on 0.0.0.0:' serve.err
}

@test "--stdio needs something to wait for, and listens nowhere else" {
  run -64 mq-serve --stdio </dev/null
  assert_output "mq-serve: --stdio: standard input is neither a pipe nor a socket
Try 'mq-serve --help'."
  run -64 mq-serve --stdio --listen 127.0.0.1:0
  [[ "$output" == *"--stdio and --listen exclude each other"* ]]
}
