#!/usr/bin/env bats
# Promise: groups and counts are seen and changed over the network as here.

load helper

# Of JSON Lines, what brokers tell: neither do we then.
told() {
  sed -E 's/"(pid|bytes|segments|log_end|durable_end|epoch|stopped)":[^,}]*/"\1":null/g;
    s/"lag_ms":[1-9][0-9]*/"lag_ms":1/; s/,"metadata":""//'
}

same() {
  diff <("${@:1:2}" "${@:3}" | told) <("${@:1:2}" -b "$broker" "${@:3}" | told)
}

fill() {
  mq-topic create -p 3 t
  seq 100 | mq-put t
  seq 10 | mq-put u
}

# A group of a client of Kafka that committed offset $1 of t:0 and left.
commit_as() {
  kcat -b "$broker" -G "$2" -c "$1" -q -e -X auto.offset.reset=earliest t >/dev/null 2>&1
}

@test "groups are listed and shown over the network as here" {
  fill
  serve
  commit_as 5 clients
  mq-get -g owners --order=partition -c 7 t >/dev/null
  mq-get -g owners --order=partition -c 3 u >/dev/null
  same mq-group list -j
  same mq-group show -j owners
  same mq-group show -j owners u
  same mq-group show -j clients
  run -0 mq-group list -b "$broker"
  [ "$(echo "${lines[1]}" | tr -s ' ')" = "clients partition 0 1 95 0" ]
  run -66 mq-group show -b "$broker" nobody
  run -66 mq-group show -b "$broker" clients u
}

@test "members of a group are named over the network, and it is left alone while they live" {
  fill
  serve
  in_background member kcat -b "$broker" -G living t
  wait_until eval 'mq-group show -v -b "$broker" living | grep rdkafka'
  wait_until mq-group show -v living
  run -0 mq-group show -j -v -b "$broker" living
  diff <(mq-group show -j -v living | told) <(echo "$output")
  run -75 --separate-stderr mq-group reset -b "$broker" --to-start --yes living
  assert_stderr "group living has 1 living member: stop it first"
  run -75 mq-group delete -b "$broker" --yes living
}

@test "a group with a process of the directory is left alone from afar, too" {
  fill
  serve
  in_background worker mq-get -g here --order=partition -F t
  wait_until has_lines worker.out 100
  run -75 --separate-stderr mq-group reset -b "$broker" --to-start --yes here
  assert_stderr "living members"
  run -0 mq-group list -b "$broker"
  [ "$(echo "${lines[1]}" | tr -s ' ' | cut -d ' ' -f 1-3)" = "here partition -" ]
}

@test "a group is moved over the network to where it is moved here" {
  mq-put --timestamp 2020-01-01T00:00:00Z -m old t
  seq 100 | mq-put t
  serve
  for how in --to-start --to-end "--to-offset 7" "--to-offset 999" "--shift 3" "--shift -50" \
    "--to-time 2020-01-02T00:00:00Z" "--to-time 2100-01-01T00:00:00Z"; do
    for group in near far; do
      mq-get -g "$group" --order=partition -c 20 t >/dev/null || true
      mq-group reset --to-offset 20 --yes "$group" >/dev/null
    done
    # shellcheck disable=SC2086
    {
      diff <(mq-group reset -j $how near 2>&1 | sed s/near/far/) <(mq-group reset -b "$broker" -j $how far 2>&1)
      mq-group show -j far | grep '"start":20,'
      diff <(mq-group reset -j --yes $how near | sed s/near/far/) <(mq-group reset -b "$broker" -j --yes $how far)
    }
    diff <(mq-group show -j near | told | sed s/near/far/) <(mq-group show -j -b "$broker" far | told)
  done
  run -66 --separate-stderr mq-group reset -b "$broker" --to-start nobody
  assert_stderr "there is no group nobody"
  mq-put -m other u
  run -66 --separate-stderr mq-group reset -b "$broker" --to-start far u
  assert_stderr "group far does not read topic u"
  run -64 mq-group reset -b "$broker" far
}

@test "a group is forgotten over the network, on one topic or on all, with --yes only" {
  fill
  serve
  mq-get -g a --order=partition -c 5 t >/dev/null
  mq-get -g a --order=partition -c 5 u >/dev/null
  run -0 --separate-stderr mq-group delete -b "$broker" a
  assert_stderr "--yes"
  [ "$(mq-group show -j a | wc -l)" -eq 4 ]
  mq-group delete -b "$broker" --yes a t
  [ "$(mq-group show -j a | wc -l)" -eq 1 ]
  run -66 mq-group delete -b "$broker" --yes a t
  mq-group delete -b "$broker" --yes a
  [ -z "$(mq-group list -j)" ]
  run -66 mq-group delete -b "$broker" --yes a
}

@test "counts, lag and age are the same over the network" {
  fill
  mq-topic create empty
  serve
  commit_as 5 clients
  mq-get -g owners --order=partition -c 7 t >/dev/null
  same mq-stat -j
  same mq-stat -j t
  same mq-stat -j -g owners
  same mq-stat -j --segments
  run -66 mq-stat -b "$broker" nosuch
}

@test "conditions hold or not over the network, and none is taken for true unseen" {
  fill
  serve
  mq-get -g owners --order=partition -c 7 t >/dev/null
  mq-stat -b "$broker" -g owners --check 'lag<=93' --check 'members=0' --check 'oldest<1h'
  run -1 --separate-stderr mq-stat -b "$broker" --check 'lag<93' t
  assert_stderr 't owners: lag is 93, not <93'
  run -66 mq-stat -b "$broker" -g nobody --check 'lag<1'
  mq-stat -b "$broker" -g owners --check 'ready=93' --check 'leased=0' --check 'dead<1' t
  run -1 --separate-stderr mq-stat -b "$broker" --check 'delayed>0' t
  assert_stderr 't owners: delayed is 0, not >0'
  for condition in 'bytes<1' 'segments<1'; do
    run -64 mq-stat -b "$broker" --check "$condition"
  done
  run -64 mq-stat -b "$broker" --leases
  run -64 mq-stat -b "$broker" --dead
}

@test "a server is measured, and found to lose, double and reorder nothing" {
  serve
  for what in put get e2e; do
    run -0 mq-bench "$what" -b "$broker" -c 200 -p 2 --producers 2 --consumers 2 --verify -X mq.sync=never
    [[ ${lines[-1]} == *'"messages_per_second":'*'"p50_us":'*'"lost":0,"duplicated":0,"reordered":0}' ]]
  done
  run -0 mq-bench get -c 200 -p 2 -j mine
  run -0 mq-bench get -b "$broker" -j mine
  [[ $output == *'"messages":200,'* ]]
  [ "$(mq-topic list -b "$broker")" = mine ]
  run -64 mq-bench work -b "$broker"
  run -78 mq-bench put -b "$broker" -X no.such.key=1
}

@test "a group that shares is shown, moved and forgotten over the network as here" {
  fill
  serve
  for group in near far; do
    mq-get -g "$group" -c 20 t >/dev/null
    mq-get -g "$group" -c 3 u >/dev/null
  done
  same mq-group list -j
  same mq-group show -j far
  same mq-stat -j
  for how in --to-end --to-start "--to-offset 7" "--shift 3" "--to-time 2100-01-01T00:00:00Z"; do
    # shellcheck disable=SC2086
    diff <(mq-group reset -j --yes $how near | sed s/near/far/) <(mq-group reset -b "$broker" -j --yes $how far)
    diff <(mq-group show -j near | sed s/near/far/ | told) <(mq-group show -j far | told)
    same mq-group show -j far
  done
  mq-group reset --yes --to-start -b "$broker" far t
  [ "$(mq-get -g far t | wc -l)" -eq 100 ]
  mq-group delete -b "$broker" --yes far t
  [ "$(mq-group show -j far | wc -l)" -eq 1 ]
  mq-group delete -b "$broker" --yes far
  run -66 mq-group show far
}

@test "a group that shares is left alone while somebody is in it, here or there" {
  seq 5 | mq-put t
  serve
  in_background there mq-get -b "$broker" -g remote -F t
  wait_until has_lines there.out 5
  run -75 --separate-stderr mq-group reset -b "$broker" --to-start --yes remote
  assert_stderr "group remote has 1 living member: stop it first"
  run -75 mq-group delete -b "$broker" --yes remote t
  in_background here mq-get -g local -F t
  wait_until has_lines here.out 5
  run -75 mq-group reset -b "$broker" --to-start --yes local
  run -75 mq-group delete -b "$broker" --yes local t
}

# serve_failing RULES: a server that they apply to.
serve_failing() {
  in_background serve env LD_PRELOAD="$fi" FI="$1" \
    mq-serve --listen 127.0.0.1:0
  await_server serve
}

@test "a server that has yet to load its groups is waited for" {
  find_libfi
  fill
  mq-get -g owners --order=partition -c 7 t >/dev/null
  mq-get -g sharers -c 7 t >/dev/null
  # Longer than ten questions take.
  serve_failing '@(open|openat):path=*/index.db:nth=1:do=delay(8000000)'
  waiting=()
  for question in 'mq-group list' 'mq-group show sharers' 'mq-stat' \
    'mq-group reset --yes --to-offset 3 owners t' \
    'mq-get -g sharers -c 1 u' 'mq-get -g new --order=partition -c 1 u'; do
    # shellcheck disable=SC2086
    remotely $question >/dev/null 3>&- &
    waiting+=("$!")
  done
  for pid in "${waiting[@]}"; do wait "$pid"; done
  mq-group show -j owners t | grep '"start":3,'
}

@test "a server that fails to read its groups does not say that there are none" {
  find_libfi
  fill
  mq-get -g owners --order=partition -c 7 t >/dev/null
  mq-get -g sharers -c 7 t >/dev/null
  for question in 'list -j' 'show -j owners' 'show -j sharers'; do
    # shellcheck disable=SC2086
    mq-group $question | told >here
    for ((n = 2; n < 36; n += 2)); do
      serve_failing "pread*:path=*index.db*:nth=$n:do=errno(EIO)"
      # shellcheck disable=SC2086
      remotely mq-group $question | told | diff here -
      crash "$server"
    done
  done
}

@test "what is leased, delayed and dead is told over the network as here, whoever buried it" {
  fill
  serve
  for where in '' "-b $broker"; do
    name=${where:+far}
    # shellcheck disable=SC2086
    for order in none key partition; do
      for topic in t u; do
        mq-get $where -g "${name:-near}-$order" --order=$order -c 8 --max-attempts 2 \
          --backoff 1ms..1ms $topic -- sh -c 'case $(cat) in *3) exit 65 ;; esac' || true
      done
    done
    # shellcheck disable=SC2086
    mq-get $where -g "${name:-near}-held" -c 3 --ack=manual t >/dev/null
    mq-get $where -g "${name:-near}-later" -c 1 t -- false || true
  done
  run -0 mq-group list
  [ "$(echo "$output" | awk '$6 == 2' | wc -l)" -eq 6 ]
  same mq-group list -j
  diff <(mq-group list -j | grep far) <(mq-group list -j | grep near | sed s/near/far/)
  for group in $(mq-group list | awk 'NR > 1 { print $1 }'); do
    same mq-group show -j "$group"
  done
  same mq-stat -j
}
