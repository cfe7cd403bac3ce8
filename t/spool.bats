# A spool that is not ours, or in which something was planted, is refused.
load helper

teardown() {
  stop_background
  [ -z "${public-}" ] || rm -rf "$public"
}

# A directory that others can reach too, with a home of theirs in it.
go_public() {
  public=$(mktemp -d)
  chmod 755 "$public"
  cd "$public"
  export MQ_SPOOL=$public/spool HOME=$public/home
  export XDG_STATE_HOME=$HOME/state XDG_CONFIG_HOME=$HOME/config
  mkdir "$HOME"
  chown 65534 "$HOME"
}

refused() {
  run --separate-stderr timeout 20 "$@"
  [ "$status" -eq 77 ] || {
    printf '%s: exit %s: %s\n' "$*" "$status" "$stderr" >&2
    return 1
  }
  [ -z "$output" ]
}

@test "a spool is made with its parents, for its owner only, whatever the umask" {
  for mask in 000 022 077 027; do
    export MQ_SPOOL=$PWD/deep-$mask/a/spool
    (umask "$mask" && mq-topic create jobs && mq-put -m x jobs &&
      mq-get -g g jobs >/dev/null)
    [ -z "$(find "deep-$mask" -perm /077)" ]
    [ "$(stat -c %a "$MQ_SPOOL")" = 700 ]
    [ "$(mq-get jobs)" = x ]
  done
}

@test "without -C it is MQ_SPOOL, then XDG_STATE_HOME, then ~/.local/state" {
  skip_unless_root "to be somebody else"
  go_public
  unset MQ_SPOOL
  as_nobody mq-topic create jobs
  [ -d "$XDG_STATE_HOME/mq/topics/jobs" ]
  unset XDG_STATE_HOME
  rm -rf "$HOME/.local"
  as_nobody mq-topic create jobs
  [ -d "$HOME/.local/state/mq/topics/jobs" ]
}

@test "eight processes make one spool at once" {
  for i in 1 2 3 4 5 6 7 8; do
    mq-put -m "$i" jobs 3>&- &
    pids[i]=$!
  done
  for pid in "${pids[@]}"; do
    wait "$pid"
  done
  [ "$(mq-get jobs | sort | tr -d '\n')" = 12345678 ]
  [ "$(ls -A "$MQ_SPOOL/topics")" = jobs ]
}

@test "a spool of another user is refused by name" {
  skip_unless_root "to change the owner"
  mq-topic create jobs
  chown 65534 "$MQ_SPOOL"
  for tool in 'mq-topic list' 'mq-put -m x jobs' 'mq-get jobs' \
    'mq-get -g g jobs'; do
    refused $tool
    assert_stderr "$MQ_SPOOL: refused, it belongs to user 65534"
  done
}

@test "a set-group-id spool of a group of ours is taken, and shared by its members" {
  skip_unless_root "to change the owner"
  go_public
  mkdir "$MQ_SPOOL"
  chown 65534:4242 "$MQ_SPOOL"
  chmod 2770 "$MQ_SPOOL"
  member() {
    setpriv --reuid="$1" --regid="$1" --groups=4242 "${@:2}"
  }
  umask 077
  member 5001 mq-put -m one jobs
  member 5002 mq-put -m two jobs
  [ "$(member 5001 mq-get jobs | tr '\n' ' ')" = 'one two ' ]
  [ -z "$(find "$MQ_SPOOL" -perm /007)" ]
  refused setpriv --reuid=5003 --regid=5003 --clear-groups mq-get jobs
}

@test "a spool that every user may write to is refused" {
  mq-topic create jobs
  chmod o+w "$MQ_SPOOL"
  refused mq-put -m x jobs
  assert_stderr "every user may write"
  chmod 700 "$MQ_SPOOL"
  chmod o+w "$MQ_SPOOL/topics"
  refused mq-get jobs
  chmod 700 "$MQ_SPOOL/topics"
  [ "$(mq-topic list)" = jobs ]
}

# Puts a symbolic link, then a FIFO in the place of $1; no tool may follow or
# open it, hang, or touch what the link points to.
planted() {
  local place=$1
  shift
  mv "$place" victim
  cp -a victim before
  ln -s "$PWD/victim" "$place"
  refused "$@"
  rm "$place"
  mkfifo "$place"
  refused "$@"
  rm "$place"
  diff -r victim before
  mv victim "$place"
  rm -r before
}

@test "a symbolic link or FIFO in place of any file or directory is refused" {
  mq-put -m one jobs
  planted "$MQ_SPOOL/topics" mq-put -m x jobs
  planted "$MQ_SPOOL/topics/jobs" mq-put -m x jobs
  planted "$MQ_SPOOL/topics/jobs/topic.yaml" mq-put -m x jobs
  planted "$MQ_SPOOL/topics/jobs/doorbell" mq-put -m x jobs
  planted "$MQ_SPOOL/topics/jobs/0" mq-put -m x jobs
  planted "$(partition_of jobs)/control" mq-put -m x jobs
  planted "$(segments_of jobs)" mq-put -m x jobs
  planted "$(segments_of jobs)" mq-get jobs
  [ "$(mq-get jobs)" = one ]
}

@test "a symbolic link in place of what consumers keep is refused" {
  mq-put -m one jobs
  mq-get -g g --ack=manual -c1 -f '%r\n' jobs >/dev/null
  for name in index.db sessions commit; do
    [ -e "$MQ_SPOOL/$name" ] || continue
    rm -f "$MQ_SPOOL/$name"
    echo precious >victim
    ln -s "$PWD/victim" "$MQ_SPOOL/$name"
    run --separate-stderr timeout 20 mq-get -g g jobs
    [ "$(cat victim)" = precious ]
    rm "$MQ_SPOOL/$name"
  done
}

@test "a segment with a second hard link is refused" {
  mq-put -m one jobs
  ln "$(segments_of jobs)" elsewhere
  refused mq-put -m two jobs
  refused mq-get jobs
}

@test "a read-only file system can be read" {
  skip_unless_root "to mount"
  mq-put -m one -m two jobs
  mkdir view
  mount --bind "$MQ_SPOOL" view || skip "no mounts here"
  mount -o remount,ro,bind view
  export MQ_SPOOL=$PWD/view
  run --separate-stderr mq-get jobs
  [ "$status" -eq 0 ] && read_output=$output
  run --separate-stderr mq-topic list -v
  list_status=$status
  run --separate-stderr mq-put -m x jobs
  umount view
  [ "$read_output" = $'one\ntwo' ]
  [ "$list_status" -eq 0 ]
  [ "$status" -eq 77 ]
}

@test "who follows on a read-only file system hears what others put" {
  skip_unless_root "to mount"
  mq-put -m one jobs
  mkdir view
  mount --bind "$MQ_SPOOL" view || skip "no mounts here"
  mount -o remount,ro,bind view
  in_background follow mq-get -C "$PWD/view" -F jobs
  wait_until grep -qx one follow.out
  mq-put -m two jobs
  wait_until grep -qx two follow.out
  stop_background
  umount view
}

@test "a spool that its owner may not write to can be read" {
  skip_unless_root "to be somebody else"
  go_public
  mkdir -m 700 "$MQ_SPOOL"
  chown 65534 "$MQ_SPOOL"
  as_nobody mq-put -m one jobs
  find "$MQ_SPOOL" -type d -exec chmod 500 {} +
  find "$MQ_SPOOL" -type f -exec chmod 400 {} +
  run --separate-stderr as_nobody mq-get jobs
  [ "$status" -eq 0 ]
  assert_output one
  run --separate-stderr as_nobody mq-put -m x jobs
  [ "$status" -eq 77 ]
  run --separate-stderr as_nobody mq-get -g g jobs
  [ "$status" -eq 77 ]
}

@test "a spool on a network file system is refused by name, unless forced" {
  skip_unless_root "to mount"
  skip_without unshare
  mkdir -p net
  timeout 10 mount -t 9p -o trans=fd,rfdno=0,wfdno=0 none net 2>/dev/null ||
    timeout 10 mount -t nfs 127.0.0.1:/ net -o soft,timeo=1,retrans=0 2>/dev/null ||
    skip "no network file system can be mounted here"
  run --separate-stderr mq-put -C net/spool -m x jobs
  umount net
  [ "$status" -eq 77 ]
  assert_stderr "network file system"
}

# run_tool TOOL [OPTION...]: where nobody can tell what file system it is.
run_tool() {
  : | FI='fstatfs:do=errno(EIO)' LD_PRELOAD=$fi "$@" | cat
  return "${PIPESTATUS[1]}"
}

@test "who forces a network file system is not asked which one it is, by mq-serve either" {
  find_libfi
  mq-topic create jobs
  for tool in 'mq-topic list' 'mq-serve --stdio'; do
    # shellcheck disable=SC2086 # its options
    run -74 --separate-stderr run_tool $tool
    assert_stderr "statfs"
    # shellcheck disable=SC2086
    MQ_NETWORK_FS=1 run -0 run_tool $tool
  done
}
