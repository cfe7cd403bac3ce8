#!/usr/bin/env bats
# mq-dead: dead letters keep their story, go back once, or are dropped.
load helper

# Makes dead letters: a worker that fails once is enough.
die() {
  mq-get -g "${2:-g}" --max-attempts 1 "${1:-jobs}" -- \
    sh -c 'cat >&2; exit 65' 2>/dev/null || true
}

ids() {
  mq-dead list --json "${1:-jobs}" | sed 's/.*"id":"\([^"]*\)".*/\1/'
}

@test "a letter keeps group, attempts, exit status, times and the end of stderr" {
  mq-put -k key -H a=b -m 'poison' jobs
  die
  run -0 --separate-stderr mq-dead list --json jobs
  [[ $output == '{"id":"0:0","topic":"jobs","partition":0,"offset":0,"group":"g","attempts":1,"exit_status":65,"started":"'*'","ended":"'*'","reason":"'*'","stderr":"poison","timestamp":"'*'","key":"key","headers":[["a","b"],'*'],"value":"poison"}' ]]
  run -0 --separate-stderr mq-dead list jobs
  [ "${#lines[@]}" -eq 2 ]
  [[ ${lines[1]} == "0:0  "*"  exit 65  "*"  poison" ]]
}

@test "a letter keeps the signal that killed the worker" {
  mq-put -m 'poison' jobs
  mq-get -g g --max-attempts 1 jobs -- sh -c 'kill -9 $$' || true
  run -0 --separate-stderr mq-dead list jobs
  [[ ${lines[1]} == *"  signal 9  "* ]]
}

@test "show prints everything of the letters that are named" {
  printf 'one\ntwo\n' | mq-put jobs
  die
  run -0 --separate-stderr mq-dead show jobs 0:1
  [[ $output == *"message   jobs:0:1"* ]]
  [[ $output == *"value (3 bytes)"$'\n'"two"* ]]
  [[ $output != *one* ]]
  run -66 mq-dead show jobs 0:7
  run -64 mq-dead show jobs seven
}

@test "redrive sends a message back as it was: key, value, headers, timestamp" {
  mq-put -k key -H a=b -H a=c -t tag --timestamp 2020-01-02T03:04:05Z -m 'poison' jobs
  die
  run -0 --separate-stderr mq-dead redrive jobs 0:0
  assert_stderr "1 redriven"
  [ -z "$(ids)" ]
  run -0 --separate-stderr mq-get -g g -f '%k %v %d{rfc3339} %g' jobs
  assert_output 'key poison 2020-01-02T03:04:05.000Z tag'
  run -0 --separate-stderr mq-get -o 1 --json jobs
  [[ $output == *'"headers":[["mq.tag","tag"],["a","b"],["a","c"],["mq.redrive","jobs.dead:0:0"]]'* ]]
}

@test "redrive names letters, or takes all of them" {
  seq 5 | mq-put jobs
  die
  run -64 mq-dead redrive jobs
  run -64 mq-dead redrive --all jobs 0:1
  run -0 mq-dead redrive jobs 0:1 0:3
  [ "$(ids | tr '\n' ' ')" = "0:0 0:2 0:4 " ]
  run -66 mq-dead redrive jobs 0:1
  run -0 mq-dead redrive --all jobs
  [ -z "$(ids)" ]
  [ "$(mq-get -o 5 jobs | tr '\n' ' ')" = "2 4 1 3 5 " ]
}

@test "more letters than one round takes come back complete and in order" {
  seq 1000 | mq-put jobs
  mq-get -g g --ack=manual -f '%r\n' jobs | mq-ack --reject -
  [ "$(ids | wc -l)" -eq 1000 ]
  mq-dead redrive --all jobs
  [ "$(mq-get -o 1000 jobs)" = "$(seq 1000)" ]
}

@test "a message with a key goes to the partition of its key" {
  mq-topic create -p 4 jobs
  for key in a b c d e f; do mq-put -k $key -m $key jobs; done
  mq-get -f '%k %p\n' jobs | sort >before
  die
  mq-dead redrive --all jobs
  mq-get -g h -f '%k %p\n' jobs | sort -u >after
  cmp before after
  [ "$(mq-get jobs | wc -l)" -eq 12 ]
}

@test "-n says what would be done and does nothing" {
  seq 3 | mq-put jobs
  die
  run -0 --separate-stderr mq-dead redrive -n --all jobs
  assert_stderr "3 would be redriven"
  run -0 --separate-stderr mq-dead drop -n jobs 0:1
  assert_stderr "1 would be dropped"
  [ "$(ids | wc -l)" -eq 3 ]
  [ "$(mq-get jobs | wc -l)" -eq 3 ]
}

@test "drop forgets letters for good" {
  seq 3 | mq-put jobs
  die
  mq-dead drop jobs 0:1
  [ "$(ids | tr '\n' ' ')" = "0:0 0:2 " ]
  run -66 mq-dead drop jobs 0:1
  mq-dead drop --all jobs
  [ -z "$(ids)" ]
  run -1 --separate-stderr mq-dead redrive --all jobs
  assert_stderr "0 redriven"
  run -1 mq-dead list jobs
  [ "$(mq-get jobs | wc -l)" -eq 3 ]
}

@test "a redriven message that dies again is a new letter, and can be redriven again" {
  mq-put -H a=b -m poison jobs
  die
  mq-dead redrive --all jobs
  die
  [ "$(ids)" = "0:1" ]
  mq-dead redrive --all jobs
  run -0 --separate-stderr mq-get -o 2 --json jobs
  [[ $output == *'"headers":[["a","b"],["mq.redrive","jobs.dead:0:1"]]'* ]]
}

@test "-g takes the letters of one group only" {
  mq-put -m poison jobs
  die jobs a
  die jobs b
  [ "$(mq-dead list --json jobs | wc -l)" -eq 2 ]
  [[ $(mq-dead list --json -g b jobs) == '{"id":"0:1",'* ]]
  run -66 mq-dead drop -g b jobs 0:0
  mq-dead redrive --all -g b jobs
  [ "$(ids)" = "0:0" ]
  mq-dead drop --all -g a jobs
  [ -z "$(ids)" ]
  [ "$(mq-get jobs | wc -l)" -eq 2 ]
}

@test "topics that share a dead-letter topic each see their own letters" {
  mq-topic create -X mq.dlq=morgue jobs
  mq-topic create -X mq.dlq=morgue mails
  mq-put -m j jobs
  mq-put -m m mails
  die jobs
  die mails
  [ "$(ids jobs)" = "0:0" ]
  [ "$(ids mails)" = "0:1" ]
  mq-dead drop --all mails
  [ "$(ids jobs)" = "0:0" ]
  mq-dead redrive --all jobs
  [ "$(mq-get jobs | wc -l)" -eq 2 ]
}

@test "letters outlive their topic" {
  mq-put -m poison jobs
  die
  mq-topic delete --yes jobs
  [ "$(ids)" = "0:0" ]
  run -66 mq-dead redrive --all jobs
  mq-dead drop --all jobs
  run -66 mq-dead list nothing
}

# A fresh spool with three letters in it.
three_letters() {
  rm -rf "$MQ_SPOOL"
  seq 3 | mq-put jobs
  die
}

@test "a redrive that is killed at any system call and run again sends each letter once" {
  skip_without strace
  for call in pwrite64 fdatasync flock; do
    nth=0 killed=true
    while $killed; do
      nth=$((nth + 1)) killed=false
      three_letters
      strace -f -o trace -e inject=$call:signal=KILL:when=$nth \
        mq-dead redrive --all jobs 2>/dev/null || killed=true
      mq-dead redrive --all jobs 2>/dev/null || [ $? -eq 1 ]
      [ -z "$(ids)" ]
      [ "$(mq-get -o 3 jobs | tr '\n' ' ')" = "1 2 3 " ]
    done
    echo "$call: killed $((nth - 1)) times"
    [ "$nth" -gt 1 ]
  done
}

@test "two redrives at once send each letter once" {
  seq 500 | mq-put jobs
  mq-get -g g --ack=manual -f '%r\n' jobs | mq-ack --reject -
  in_background one mq-dead redrive --all jobs
  mq-dead redrive --all jobs || [ $? -eq 1 ]
  wait "$background" || [ $? -eq 1 ]
  [ "$(mq-get -o 500 jobs)" = "$(seq 500)" ]
}

@test "a group that is deleted and made again has its own dead letters" {
  mq-put -m poison jobs
  run -1 --separate-stderr mq-get -g g jobs -- sh -c 'exit 100'
  mq-dead drop --all -q jobs
  mq-group delete --yes g
  run -1 --separate-stderr mq-get -g g jobs -- sh -c 'exit 100'
  run -0 mq-dead list --json jobs
  [ "$(wc -l <<<"$output")" -eq 1 ]
  [[ $output == *poison* ]]
}
