# Words for the tests of tools: a spool of its own, waiting, crashing.
bats_require_minimum_version 1.5.0

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=${MQ_BUILD:-$repository/build}
case $build in /*) ;; *) build=$repository/$build ;; esac
helpers=$build/t/helper
PATH=$build/bin:$PATH

setup() {
  fresh_spool
  case $BATS_TEST_FILENAME in
    */remote-get-group.bats | */remote-worker.bats | */remote-ack.bats)
      over_network ;;
  esac
}

teardown() {
  stop_background
}

# An empty spool, and nothing of the user's own settings.
fresh_spool() {
  export MQ_SPOOL=$BATS_TEST_TMPDIR/spool
  export HOME=$BATS_TEST_TMPDIR/home
  export XDG_CONFIG_HOME=$HOME/.config XDG_STATE_HOME=$HOME/.local/state
  export LC_ALL=C.UTF-8 TZ=UTC
  unset MQ_BROKERS NO_COLOR
  mkdir -p "$HOME"
  cd "$BATS_TEST_TMPDIR"
}

# Where the bytes of a topic's partition lie.
partition_of() {
  echo "$MQ_SPOOL/topics/$1/${2:-0}"
}

segments_of() {
  ls "$(partition_of "$@")"/*.log
}

# How many messages a topic has.
count_of() {
  mq-get "$1" | wc -l
}

# Runs a command beside the test; $background is its pid, its output goes to
# the files NAME.out and NAME.err.
in_background() {
  local name=$1
  shift
  # Before it is there: what another one of that name left is not its own.
  : >"$name.out"
  : >"$name.err"
  "$@" >"$name.out" 2>"$name.err" 3>&- &
  background=$!
  backgrounds+=("$background")
}

stop_background() {
  local pid
  for pid in "${backgrounds[@]}" ${network_server:-}; do
    kill -9 "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  backgrounds=()
}

# $fi: goes before the C library of a process, and does what rules say.
find_libfi() {
  fi=$build/t/fi/libfi.so
  [ -e "$fi" ] || skip "libfi.so is not built"
  # Ours comes before the sanitizer's on purpose.
  export ASAN_OPTIONS=${ASAN_OPTIONS:-}:verify_asan_link_order=0
}

# Starts a server on a free port, or on the one it had: $server and $broker.
serve() {
  in_background serve mq-serve --listen "${broker:-127.0.0.1:0}" "$@"
  await_server serve
}

# The server that is in the background as $1 takes clients: $server and $broker.
await_server() {
  server=$background
  wait_until grep -q 'listening on 127.0.0.1:' "$1.err"
  broker=$(sed -n 's/.*listening on //p' "$1.err" | head -n 1)
}

# As a user on another machine has it: no spool, only brokers.
remotely() {
  env -u MQ_SPOOL MQ_BROKERS="$broker" "$@"
}

# A client of Kafka that is not ours.
kafka() {
  skip_without kcat
  timeout 60 kcat -b "$broker" -q "$@"
}

# From now on consumers and acknowledgements go to a server of the spool, and
# know of no spool: so what is promised of a directory is tried over a network.
over_network() {
  local tool
  mkdir "$BATS_TEST_TMPDIR/remote"
  serve
  network_server=$server
  backgrounds=()
  for tool in mq-get mq-ack; do
    printf '#!/bin/sh\nexec env -u MQ_SPOOL MQ_BROKERS=%s %s "$@"\n' \
      "$broker" "$build/bin/$tool" >"$BATS_TEST_TMPDIR/remote/$tool"
    chmod +x "$BATS_TEST_TMPDIR/remote/$tool"
  done
  PATH=$BATS_TEST_TMPDIR/remote:$PATH
}

# Kills a process as a crash does, and waits until it is gone.
crash() {
  kill -9 "$1"
  wait "$1" 2>/dev/null || true
}

# Waits until a command succeeds, at most 20 seconds (or $patience).
wait_until() {
  local tries=$((${patience:-20} * 50))
  until "$@" >/dev/null 2>&1; do
    tries=$((tries - 1))
    if [ "$tries" -le 0 ]; then
      echo "still not true: $*" >&2
      return 1
    fi
    sleep 0.02
  done
}

has_lines() {
  [ "$(wc -l <"$1")" -ge "$2" ]
}

# True once a process sleeps in the kernel (S) or waits for the disk (D).
is_asleep() {
  grep -q '^State:[[:space:]]*[SD]' "/proc/$1/status"
}

# True once the pipe that is open for reading as descriptor $1 takes no more.
is_pipe_full() {
  /usr/bin/python3 -c '
import array, fcntl, sys, termios
count = array.array("i", [0])
fcntl.ioctl(int(sys.argv[1]), termios.FIONREAD, count)
sys.exit(count[0] < 60000)' "$1"
}

# $1 must be what the last `run` printed on stdout.
assert_output() {
  if [ "$output" != "$1" ]; then
    printf 'expected: %s\n     got: %s\n' "$1" "$output" >&2
    printf '  stderr: %s\n' "${stderr:-}" >&2
    return 1
  fi
}

# The last `run --separate-stderr` must say this on stderr.
assert_stderr() {
  case $stderr in
    *"$1"*) ;;
    *) printf 'expected on stderr: %s\ngot: %s\n' "$1" "$stderr" >&2
      return 1 ;;
  esac
}

# LeakSanitizer cannot work in a process that is traced.
strace() {
  ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0 command strace "$@"
}

is_sanitized() {
  [ -n "${MQ_SANITIZED:-}" ]
}

skip_if_sanitized() {
  ! is_sanitized || skip "under sanitizers: $1"
}

skip_over_network() {
  [ -z "${network_server:-}" ] || skip "over a network: $1"
}

skip_unless_root() {
  [ "$(id -u)" -eq 0 ] || skip "needs root: $1"
}

skip_without() {
  command -v "$1" >/dev/null || skip "no $1 here"
}

# Runs a command as a user who is not root (for permissions).
as_nobody() {
  setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
}
